import { Command } from 'commander'

import type { FeedOptions } from '../stage/feed.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { oneOf, positive, wholeNumber } from '../terminal/arguments.ts'

const command = new Command('feed')
  .description('put ticks on the stream of a deployment')
  .requiredOption('--source <source>', 'synthetic or replay', oneOf(['synthetic', 'replay']))
  .argument('[files...]', 'files to replay')
  .option('--stream <name>', 'the stream (default: tickstock-STAGE-ticks)')
  .option('--symbols <count>', 'symbols of the synthetic feed', wholeNumber(1, 10_000), 70)
  .option('--interval <seconds>', 'seconds between two ticks of a symbol', positive, 1)
  .option('--seed <number>', 'seed of the synthetic feed', wholeNumber(0, 2 ** 31), 1)
  .option('--batch <ticks>', 'ticks per record, at the most', wholeNumber(1, 10_000), 500)
  .action(
    action(async (files: readonly string[], options: FeedOptions & DeploymentOptions) => {
      const work = await import('../stage/feed.ts')
      return await onDeployment(options, (deployed) => work.feed(deployed, files, options))
    }),
  )

export const feed = deploymentOptions(command)

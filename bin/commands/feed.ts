import { Command } from 'commander'

import type { FeedOptions } from '../stage/feed.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { fileOptions } from '../stage/read-options.ts'
import { action } from '../terminal/action.ts'
import { oneOf, positive, wholeNumber } from '../terminal/arguments.ts'

const command = new Command('feed')
  .description('put ticks on the stream of a deployment')
  .requiredOption('--source <source>', 'synthetic or replay', oneOf(['synthetic', 'replay']))
  .argument('[files...]', 'files of trades to replay, in any order; docs/files.md has the formats')
  .option('--rejects <file>', 'write every rejected row, with its reason, to this CSV file')
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

export const feed = deploymentOptions(fileOptions(command))

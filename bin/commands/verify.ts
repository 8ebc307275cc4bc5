import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import type { VerifyOptions } from '../stage/verify/verify.ts'
import { action } from '../terminal/action.ts'
import { wholeNumber } from '../terminal/arguments.ts'

const command = new Command('verify')
  .description('acceptance test of a deployment: queries, permissions, rates, latency and exactness')
  .option('--database <url>', 'connection string of app_readonly (default: the one in its secret)')
  .option('--symbols <count>', 'symbols of the feed', wholeNumber(1, 100_000), 70)
  .option('--sample <bars>', 'bars recomputed from the stream, at the most', wholeNumber(1, 100_000), 500)
  .option('--json', 'print JSON')
  .action(
    action(async (options: VerifyOptions & DeploymentOptions) => {
      const work = await import('../stage/verify/verify.ts')
      return await onDeployment(options, (deployed) => work.verify(deployed, options))
    }),
  )

export const verify = deploymentOptions(command)

import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import type { FlushOptions } from '../stage/flush.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'

const command = new Command('flush')
  .description('close every open bar of a deployment')
  .option('--function <name>', 'the sweeper (default: tickstock-STAGE-sweeper)')
  .action(
    action(async (options: FlushOptions & DeploymentOptions) => {
      const work = await import('../stage/flush.ts')
      return await onDeployment(options, (deployed) => work.flush(deployed, options))
    }),
  )

export const flush = deploymentOptions(command)

import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import type { RedeliverOptions } from '../stage/redeliver.ts'
import { action } from '../terminal/action.ts'
import { minuteUtc } from '../terminal/arguments.ts'

const command = new Command('redeliver')
  .description('write to the database again what the streams of bars and signals still have')
  .requiredOption(
    '--from <time>',
    'records that arrived from then on, UTC: 2025-11-10 or 2025-11-10T14:30',
    minuteUtc,
  )
  .action(
    action(async (options: RedeliverOptions & DeploymentOptions) => {
      const work = await import('../stage/redeliver.ts')
      return await onDeployment(options, (deployed) => work.redeliver(deployed, options))
    }),
  )

export const redeliver = deploymentOptions(command)

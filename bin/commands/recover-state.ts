import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'

const command = new Command('recover-state')
  .description('after the table minute-state was lost: finalize the minutes that have bars')
  .action(
    action(async (options: DeploymentOptions) => {
      const work = await import('../stage/recover-state.ts')
      return await onDeployment(options, work.recoverState)
    }),
  )

export const recoverState = deploymentOptions(command)

import { Command } from 'commander'

import {
  FLAG_NAMES,
  type Flag,
  type FlagName,
  flagSchema,
} from '../../functions/shared/runtime/flag-names.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { oneOf } from '../terminal/arguments.ts'

const command = new Command('flag')
  .description('show the feature flags of a deployment, or set one')
  .argument('[name]', FLAG_NAMES.join(', '), oneOf(FLAG_NAMES))
  .argument('[value]', 'on or off', oneOf(flagSchema.options))
  .action(
    action(async (name: FlagName | undefined, value: Flag | undefined, options: DeploymentOptions) => {
      const work = await import('../stage/flag.ts')
      return await onDeployment(options, (deployed) => work.flag(deployed, { name, value }))
    }),
  )

export const flag = deploymentOptions(command)

import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'

function work() {
  return import('../stage/keys/commands.ts')
}

const NAME = 'name of the program: letters, digits, . _ and -'

const list = new Command('list').description('list the keys, one per line; none can be shown again').action(
  action(async (options: DeploymentOptions) => {
    const { listKeys } = await work()
    return await onDeployment(options, listKeys)
  }),
)

const create = new Command('create')
  .description('make a key for a program and print it, once')
  .argument('<name>', NAME)
  .option('--operator', 'it may submit and cancel jobs and change alerts too, not only read')
  .action(
    action(async (name: string, options: DeploymentOptions & { readonly operator?: boolean }) => {
      const { createKey } = await work()
      const kind = options.operator ? 'operator' : 'reader'
      return await onDeployment(options, (deployed) => createKey(deployed, name, kind))
    }),
  )

const rotate = new Command('rotate')
  .description(
    'make another key for a program and print it, once; the one before stays valid until it is revoked',
  )
  .argument('<name>', NAME)
  .option('--at-once', 'revoke the one before now')
  .action(
    action(async (name: string, options: DeploymentOptions & { readonly atOnce?: boolean }) => {
      const { rotateKey } = await work()
      const before = options.atOnce ? 'revoke' : 'keep'
      return await onDeployment(options, (deployed) => rotateKey(deployed, name, before))
    }),
  )

const revoke = new Command('revoke')
  .description('refuse the keys of a program from now on')
  .argument('<name>', NAME)
  .option('--previous', 'only those before the newest, after rotate')
  .action(
    action(async (name: string, options: DeploymentOptions & { readonly previous?: boolean }) => {
      const { revokeKeys } = await work()
      const which = options.previous ? 'previous' : 'all'
      return await onDeployment(options, (deployed) => revokeKeys(deployed, name, which))
    }),
  )

export const keys = new Command('keys')
  .description('list, create, rotate or revoke the API keys of a deployment')
  .addCommand(deploymentOptions(list))
  .addCommand(deploymentOptions(create))
  .addCommand(deploymentOptions(rotate))
  .addCommand(deploymentOptions(revoke))

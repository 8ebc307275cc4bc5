import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'

function work() {
  return import('../stage/dead-letters/commands.ts')
}

const list = new Command('list').description('list the objects, one per line').action(
  action(async (options: DeploymentOptions) => {
    const { listDeadLetters } = await work()
    return await onDeployment(options, listDeadLetters)
  }),
)

const show = new Command('show')
  .description('show the records of objects, and why they were dead-lettered')
  .argument('<objects...>', 'keys of objects, as list shows them')
  .action(
    action(async (keys: readonly string[], options: DeploymentOptions) => {
      const { showDeadLetters } = await work()
      return await onDeployment(options, (deployed) => showDeadLetters(deployed, keys))
    }),
  )

const redrive = new Command('redrive')
  .description('put objects back on their streams')
  .argument('[objects...]', 'keys of objects (default: all)')
  .option('--assume-unapplied', 'also batches that ran out of attempts and may have been applied')
  .action(
    action(
      async (
        keys: readonly string[],
        options: DeploymentOptions & { readonly assumeUnapplied?: boolean },
      ) => {
        const { redriveDeadLetters } = await work()
        const doubtful = options.assumeUnapplied ? 'assume-unapplied' : 'leave'
        return await onDeployment(options, (deployed) => redriveDeadLetters(deployed, keys, doubtful))
      },
    ),
  )

export const deadLetters = new Command('dead-letters')
  .description('list, show or redrive what a deployment has dead-lettered')
  .addCommand(deploymentOptions(list))
  .addCommand(deploymentOptions(show))
  .addCommand(deploymentOptions(redrive))

import { Command } from 'commander'

import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'

const command = new Command('invoke')
  .description('run one function once on this machine; print its result, metrics and logs')
  .argument('<function>', 'aggregator, bar-writer, ...')
  .argument('[event.json]', 'the event; without it the sample in localstack/events')
  .addHelpText('after', '\nWith none of --data, --endpoint and --stage it uses throw-away stores of its own.')
  .action(
    action(async (part: string, event: string | undefined, options: DeploymentOptions) => {
      const { invoke } = await import('../embedded/invoke.ts')
      return Object.keys(options).length === 0
        ? await invoke(part, { event })
        : await onDeployment(options, (deployed) => invoke(part, { event, deployed }))
    }),
  )

export const invoke = deploymentOptions(command)

import { Command } from 'commander'

import type { AddOptions } from '../stage/alerts/commands.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { wholeNumber } from '../terminal/arguments.ts'

function work() {
  return import('../stage/alerts/commands.ts')
}

const ID = 'id of the rule'

const list = new Command('list')
  .description('list the rules, one per line')
  .option('--json', 'as JSON')
  .action(
    action(async (options: DeploymentOptions & { readonly json?: boolean }) => {
      const { listRules } = await work()
      return await onDeployment(options, (deployed) => listRules(deployed, options))
    }),
  )

const add = new Command('add')
  .description('add a rule, and print the secret that its messages are signed with, once')
  .argument(
    '<condition>',
    '"close > 150.25", "rsi_14 crosses above 70", "pattern hammer", "silent 5 minutes", ...',
  )
  .requiredOption('--to <target>', 'where its messages go: the URL of a webhook, or topic')
  .option('--symbols <list>', 'symbols with commas between them (default: all)')
  .option('--name <name>', 'its name in messages (default: the condition)')
  .option(
    '--max-age <minutes>',
    'minutes after which a bar is too old for it (default: 1440)',
    wholeNumber(1, 10_080),
  )
  .action(
    action(async (condition: string, options: DeploymentOptions & AddOptions) => {
      const { addRule } = await work()
      return await onDeployment(options, (deployed) => addRule(deployed, condition, options))
    }),
  )

const remove = new Command('remove')
  .description('remove a rule; what of it is not delivered yet is not sent')
  .argument('<id>', ID)
  .action(
    action(async (id: string, options: DeploymentOptions) => {
      const { removeRule } = await work()
      return await onDeployment(options, (deployed) => removeRule(deployed, id))
    }),
  )

const test = new Command('test')
  .description('send the receiver of a rule a message for a test')
  .argument('<id>', ID)
  .action(
    action(async (id: string, options: DeploymentOptions) => {
      const { testRule } = await work()
      return await onDeployment(options, (deployed) => testRule(deployed, id))
    }),
  )

const firings = new Command('firings')
  .description('list what has fired, the newest minute first, and whether it is delivered')
  .option('--limit <count>', 'how many (default: 20)', wholeNumber(1, 200))
  .option('--json', 'as JSON')
  .action(
    action(async (options: DeploymentOptions & { readonly limit?: number; readonly json?: boolean }) => {
      const { listFirings } = await work()
      return await onDeployment(options, (deployed) => listFirings(deployed, options))
    }),
  )

const retry = new Command('retry')
  .description('deliver a firing again whose delivery has failed')
  .argument('<id>', 'id of the firing')
  .action(
    action(async (id: string, options: DeploymentOptions) => {
      const { retryFiring } = await work()
      return await onDeployment(options, (deployed) => retryFiring(deployed, id))
    }),
  )

const receive = new Command('receive')
  .description('receive messages on this machine, verify their signatures and print them')
  .requiredOption('--secret <secret>', 'the secret of the rule')
  .option('--port <port>', 'port', wholeNumber(0, 65_535), 4591)
  .action(
    action(async (options: { readonly secret: string; readonly port: number }) =>
      (await import('../stage/alerts/receive.ts')).receive(options),
    ),
  )

export const alerts = new Command('alerts')
  .description('rules that send messages when a price, an indicator, a pattern or silence meets them')
  .addCommand(deploymentOptions(list))
  .addCommand(deploymentOptions(add))
  .addCommand(deploymentOptions(remove))
  .addCommand(deploymentOptions(test))
  .addCommand(deploymentOptions(firings))
  .addCommand(deploymentOptions(retry))
  .addCommand(receive)

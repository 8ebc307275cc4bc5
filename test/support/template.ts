import { Template } from 'aws-cdk-lib/assertions'

import { readConfig } from '../../lib/config.ts'
import { createApp } from '../../lib/create-app.ts'
import { TickStockStack } from '../../lib/tickstock-stack.ts'

/** The stack of a stage. Nothing is bundled: what is tested on it does not stand in the functions' code. */
export function stackOf(context: Readonly<Record<string, string>>): TickStockStack {
  const app = createApp({ 'aws:cdk:bundling-stacks': [] })
  const given: Readonly<Record<string, string>> = { region: 'eu-central-1', ...context }
  return new TickStockStack(app, `TickStock-${given['stage']}`, { config: readConfig((key) => given[key]) })
}

/** What CloudFormation would be given for a stage. */
export function templateOf(context: Readonly<Record<string, string>>): Template {
  return Template.fromStack(stackOf(context))
}

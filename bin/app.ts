import { Annotations } from 'aws-cdk-lib'

import { refuseUnknownKeys } from '../lib/config/keys.ts'
import { readConfig } from '../lib/config/read-config.ts'
import { ConfigError } from '../lib/config/config-error.ts'
import { createApp } from '../lib/create-app.ts'
import { createStacks } from '../lib/create-stacks.ts'
import { warnLine } from './terminal/print.ts'

/** The app of the CDK: the stack of a stage, and the one that keeps its backups in another region, if it has one. */
function synthesize(): void {
  const app = createApp()
  refuseUnknownKeys(Object.keys(app.node.getAllContext()))
  const region = process.env['AWS_REGION']
  const config = readConfig((key) => app.node.tryGetContext(key), region === undefined ? {} : { region })
  const { stack } = createStacks(app, config)
  if (config.stage === 'prod' && config.alarmEmail === undefined)
    Annotations.of(stack).addWarningV2(
      'tickstock:alarmEmail',
      'alarmEmail is not set: the alarms of prod ring in the console only. Set it under "stages" in cdk.json.',
    )
}

try {
  synthesize()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  warnLine(error.message)
  process.exitCode = 1
}

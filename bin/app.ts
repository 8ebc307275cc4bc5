import { Annotations } from 'aws-cdk-lib'

import { stackNameOf } from '../functions/shared/runtime/deployment-name.ts'
import { isOnAws } from '../lib/config/config.ts'
import { refuseUnknownKeys } from '../lib/config/keys.ts'
import { readConfig } from '../lib/config/read-config.ts'
import { ConfigError } from '../lib/config/config-error.ts'
import { createApp } from '../lib/create-app.ts'
import { TickStockStack } from '../lib/tickstock-stack.ts'
import { warnLine } from './terminal/print.ts'

/** The app of the CDK: the one stack of a stage. */
function synthesize(): void {
  const app = createApp()
  refuseUnknownKeys(Object.keys(app.node.getAllContext()))
  const region = process.env['AWS_REGION']
  const config = readConfig((key) => app.node.tryGetContext(key), region === undefined ? {} : { region })
  const description = `Market ticks to 1-minute bars, stage ${config.stage}`
  const stack = new TickStockStack(app, stackNameOf(config), {
    config,
    description,
    ...(isOnAws(config) && config.region && { env: { region: config.region } }),
  })
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

import { App } from 'aws-cdk-lib'

import { ConfigError, isOnAws, readConfig, refuseUnknownKeys } from '../lib/config.ts'
import { TickStockStack } from '../lib/tickstock-stack.ts'

/** The app of the CDK: the one stack of a stage. */
function synthesize(): void {
  const app = new App({ analyticsReporting: false })
  refuseUnknownKeys(Object.keys(app.node.getAllContext()))
  const region = process.env['AWS_REGION']
  const config = readConfig((key) => app.node.tryGetContext(key) ?? (key === 'region' ? region : undefined))
  const description = `Market ticks to 1-minute bars, stage ${config.stage}`
  new TickStockStack(app, `TickStock-${config.stage}`, {
    config,
    description,
    ...(isOnAws(config) && config.region && { env: { region: config.region } }),
  })
}

try {
  synthesize()
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

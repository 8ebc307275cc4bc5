import { App } from 'aws-cdk-lib'

import { readConfig } from '../lib/config.ts'
import { TickStockStack } from '../lib/tickstock-stack.ts'

const app = new App({ analyticsReporting: false })
const config = readConfig((key) => app.node.tryGetContext(key))
new TickStockStack(app, `TickStock-${config.stage}`, { config })

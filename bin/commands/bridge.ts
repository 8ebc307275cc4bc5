import { Command, Option } from 'commander'

import type { RunOptions } from '../bridge/run.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import { action } from '../terminal/action.ts'
import { wholeNumber } from '../terminal/arguments.ts'

const command = new Command('bridge')
  .description('serve the WebSocket streams of Alpaca and Massive from a deployment')
  .option('--host <address>', 'address to listen on; 0.0.0.0 is every one', '127.0.0.1')
  .option('--port <port>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535), 4590)
  .option('--api <url>', 'the REST API (default: that of the deployment)')
  .option('--url <url>', 'the WebSocket API, ws:// or wss:// (default: that of the deployment)')
  .addOption(
    new Option('--key <key>', 'a key for both (default: that of the deployment)').env('TICKSTOCK_KEY'),
  )
  .action(
    action(async (options: RunOptions & DeploymentOptions) => {
      const work = await import('../bridge/run.ts')
      return await onDeployment(options, (deployed) => work.runBridge(deployed, options))
    }),
  )

export const bridge = deploymentOptions(command)

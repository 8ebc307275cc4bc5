import { Command } from 'commander'

import { ALL_SYMBOLS, RECORD_TYPES, SUBSCRIBABLE } from '../../functions/broadcaster/subscriptions.ts'
import type { DeploymentOptions } from '../stage/find-deployment.ts'
import { deploymentOptions, onDeployment } from '../stage/on-deployment.ts'
import type { WatchOptions } from '../stage/watch.ts'
import { action } from '../terminal/action.ts'
import { commaSeparated, listOf } from '../terminal/arguments.ts'

const command = new Command('watch')
  .description('print what a deployment sends to its WebSocket clients')
  .option('--symbols <names>', 'symbols, as AAPL,MSFT (default: all)', commaSeparated)
  .option(
    '--types <types>',
    `of ${SUBSCRIBABLE.join(',')} (default: ${RECORD_TYPES.join(',')})`,
    listOf(SUBSCRIBABLE),
  )
  .option('--json', 'print each record as it was sent')
  .option('--url <url>', 'the WebSocket API, ws:// or wss:// (default: that of the deployment)')
  .option('--key <key>', 'the API key (default: that of the deployment)')
  .action(
    action(async (options: Partial<WatchOptions> & DeploymentOptions) => {
      const work = await import('../stage/watch.ts')
      const { symbols = [ALL_SYMBOLS], types = RECORD_TYPES } = options
      return await onDeployment(options, (deployed) => work.watch(deployed, { ...options, symbols, types }))
    }),
  )

export const watch = deploymentOptions(command)

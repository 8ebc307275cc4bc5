import { once } from 'node:events'

import { deployedRestApi } from '../stage/deployed-api.ts'
import { deployedWebSocketUrl } from '../stage/deployed-web-socket.ts'
import type { DeployedStage } from '../stage/find-deployment.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { printLine, warnLine } from '../terminal/print.ts'
import { openBridge } from './bridge.ts'
import { listen } from './listen.ts'

export type RunOptions = {
  readonly host: string
  readonly port: number
  /** REST API. @default that of the deployment */
  readonly api?: string
  /** WebSocket API. @default that of the deployment */
  readonly url?: string
  /** @default that of the deployment, where it can be read */
  readonly key?: string
}

/** Runs a bridge to a deployment until it is interrupted. */
export async function runBridge(deployed: DeployedStage, options: RunOptions): Promise<number> {
  const { host, port } = options
  const api = await deployedRestApi(deployed, options)
  const url = options.url ?? (await deployedWebSocketUrl(deployed))
  const bridge = openBridge({ api, url, key: api.key, onNote: warnLine })
  const listening = await listen(bridge, { host, port })
  const signal = onInterrupt(() => warnLine('stopping (Ctrl-C again: stop at once)'))
  printLine(
    `the streams of Alpaca (${listening.url}/v2/iex) and Massive (${listening.url}/stocks), of ${url}`,
  )
  if (!signal.aborted) await once(signal, 'abort')
  await listening.stop()
  return 0
}

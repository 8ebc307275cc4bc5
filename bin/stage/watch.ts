import type { Subscribable } from '../../functions/broadcaster/subscriptions.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { printLine, warnLine } from '../terminal/print.ts'
import { deployedApiKey, deployedWebSocketUrl } from './deployed-web-socket.ts'
import type { DeployedStage } from './find-deployment.ts'
import { recordLine } from './record-line.ts'
import { type ClientState, watch as watchRecords } from './web-socket-client.ts'

export type WatchOptions = {
  /** WebSocket URL. @default that of the deployment */
  readonly url?: string
  /** API key. @default that of the deployment, where it can be read */
  readonly key?: string
  readonly symbols: readonly string[]
  readonly types: readonly Subscribable[]
  readonly json?: boolean
}

/** Prints what a deployment sends to its WebSocket clients, one record per line, until it is interrupted. */
export async function watch(
  deployed: DeployedStage,
  { json, symbols, types, ...given }: WatchOptions,
): Promise<number> {
  const url = given.url ?? (await deployedWebSocketUrl(deployed))
  const key = given.key ?? (await deployedApiKey(deployed))
  await watchRecords({
    url,
    key,
    symbols,
    types,
    signal: onInterrupt(() => {}),
    onRecords: (records) => {
      for (const record of records) printLine(json ? JSON.stringify(record) : recordLine(record))
    },
    onState: (state) => warnLine(stateLine(state, { url, symbols })),
  })
  return 0
}

function stateLine(
  state: ClientState,
  { url, symbols }: { readonly url: string; readonly symbols: readonly string[] },
): string {
  if (state.type === 'subscribed') return `watching ${symbols.join(', ')} at ${url}`
  return `${state.reason}; reconnecting in ${state.againInMs / 1000} s (the API has the records of the meantime)`
}

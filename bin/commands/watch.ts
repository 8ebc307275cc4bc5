import type { RecordType } from '../../functions/broadcaster/subscriptions.ts'
import { deployedApiKey, deployedWebSocketUrl } from '../stage/deployed-web-socket.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { recordLine } from '../terminal/record-line.ts'
import { type ClientState, watch as watchRecords } from '../stage/web-socket-client.ts'

export type WatchOptions = {
  readonly stage: string
  /** Undefined finds it in the deployment. */
  readonly url: string | undefined
  /** Undefined reads that of the deployment, where that can be. */
  readonly key: string | undefined
  readonly symbols: readonly string[]
  readonly types: readonly RecordType[]
  readonly json: boolean
}

/** Prints what a running deployment sends to its WebSocket clients, a record a line, until it is interrupted. */
export async function watch({ stage, json, symbols, types, ...given }: WatchOptions): Promise<number> {
  const url = given.url ?? (await deployedWebSocketUrl(stage))
  const key = given.key ?? (await deployedApiKey(stage))
  await watchRecords({
    url,
    key,
    symbols,
    types,
    signal: onInterrupt(() => {}),
    onRecords: (records) => {
      const lines = records.map((record) => (json ? JSON.stringify(record) : recordLine(record)))
      process.stdout.write(`${lines.join('\n')}\n`)
    },
    onState: (state) => process.stderr.write(`${told(state, { url, symbols })}\n`),
  })
  return 0
}

function told(
  state: ClientState,
  { url, symbols }: { readonly url: string; readonly symbols: readonly string[] },
): string {
  if (state.type === 'subscribed') return `watching ${symbols.join(', ')} at ${url}`
  return `${state.reason}; connecting again in ${state.againInMs / 1000} s (what comes meanwhile is in the API)`
}

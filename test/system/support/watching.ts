import { type ClientState, watch, type WatchedRecord } from '../../../bin/stage/web-socket-client.ts'
import { RECORD_TYPES, type Subscribable } from '../../../functions/broadcaster/subscriptions.ts'
import type { Deployment } from '../../../bin/embedded/deployment.ts'
import { waitFor } from './wait-for.ts'

/** A WebSocket client of a deployment, and all that it was sent. */
export type Watching = {
  readonly records: WatchedRecord[]
  readonly states: ClientState[]
  readonly stop: () => Promise<void>
}

/** Connects a client and waits until it is told that it is subscribed. */
export async function startWatching(
  { webSocketUrl, api }: Pick<Deployment, 'webSocketUrl' | 'api'>,
  options: {
    readonly symbols: readonly string[]
    readonly types?: readonly Subscribable[]
    readonly quietMs?: number
  },
): Promise<Watching> {
  const { symbols, types = RECORD_TYPES, quietMs } = options
  if (webSocketUrl === undefined) throw new Error('the deployment has no WebSocket API')
  const ending = new AbortController()
  const records: WatchedRecord[] = []
  const states: ClientState[] = []
  const watching = watch({
    url: webSocketUrl,
    key: api.key,
    symbols,
    types,
    signal: ending.signal,
    ...(quietMs !== undefined && { quietMs }),
    onRecords: (received) => void records.push(...received),
    onState: (state) => void states.push(state),
  })
  await Promise.race([watching, waitFor(() => states.length > 0, 'the client to be subscribed')])
  return {
    records,
    states,
    stop: async () => {
      ending.abort()
      await watching
    },
  }
}

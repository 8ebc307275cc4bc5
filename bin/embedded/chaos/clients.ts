import type { RecordType } from '../../../functions/broadcaster/subscriptions.ts'
import { watch, type WatchedRecord } from '../../stage/web-socket-client.ts'
import type { Started } from './protocol.ts'
import { revisionKey, type Session } from './sessions.ts'

const TYPES: readonly RecordType[] = ['bar']

/** WebSocket clients that subscribe again whenever their connection ends, and remember what came on which connection. */
export type Clients = {
  /** By client the connections that it has had. */
  readonly sessions: readonly (readonly Session[])[]
  stop(): Promise<void>
}

/**
 * Connects clients one after the other, so that the first starts the workers for all.
 *
 * @param options.subscriptions the symbols of each client
 */
export async function startClients(
  started: Pick<Started, 'webSocketUrl' | 'apiKey'>,
  { subscriptions }: { readonly subscriptions: readonly (readonly string[])[] },
): Promise<Clients> {
  const ending = new AbortController()
  const clients: Client[] = []
  const stop = async (): Promise<void> => {
    ending.abort()
    await Promise.all(clients.map(({ watching }) => watching))
  }
  for (const symbols of subscriptions) {
    const client = startClient(started, symbols, ending.signal)
    clients.push(client)
    await Promise.race([client.watching, client.subscribed])
  }
  return { sessions: clients.map(({ sessions }) => sessions), stop }
}

type Client = {
  readonly sessions: readonly Session[]
  /** Resolves when it is stopped; rejects when it cannot connect at all. */
  readonly watching: Promise<void>
  readonly subscribed: Promise<void>
}

function startClient(
  { webSocketUrl: url, apiKey: key }: Pick<Started, 'webSocketUrl' | 'apiKey'>,
  symbols: readonly string[],
  signal: AbortSignal,
): Client {
  const sessions: Session[] = []
  const { promise: subscribed, resolve } = Promise.withResolvers<void>()
  const watching = watch({
    url,
    key,
    symbols,
    types: TYPES,
    signal,
    onRecords: (records) => take(sessions.at(-1), records),
    onState: ({ type }) => {
      const last = sessions.at(-1)
      if (type === 'ended' && last !== undefined) last.isOpen = false
      if (type === 'ended') return
      sessions.push({
        symbols: new Set(symbols),
        subscribedAt: Date.now(),
        received: new Set(),
        isOpen: true,
      })
      resolve()
    },
  })
  return { sessions, watching, subscribed }
}

/** A record may come before the answer that says that the subscription is there: it is of no session yet. */
function take(session: Session | undefined, records: readonly WatchedRecord[]): void {
  if (session?.isOpen !== true) return
  for (const { symbol, timestamp = '', revision } of records)
    session.received.add(revisionKey({ symbol, timestamp, revision: Number(revision) }))
}

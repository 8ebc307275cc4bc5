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
 * Connects clients, and waits until each is subscribed.
 *
 * @param options.subscriptions the symbols of each client
 */
export async function startClients(
  { webSocketUrl: url, apiKey: key }: Pick<Started, 'webSocketUrl' | 'apiKey'>,
  { subscriptions }: { readonly subscriptions: readonly (readonly string[])[] },
): Promise<Clients> {
  const ending = new AbortController()
  const clients = subscriptions.map((symbols) => {
    const sessions: Session[] = []
    const { promise: subscribed, resolve } = Promise.withResolvers<void>()
    const watching = watch({
      url,
      key,
      symbols,
      types: TYPES,
      signal: ending.signal,
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
  })
  await Promise.all(clients.map(({ watching, subscribed }) => Promise.race([watching, subscribed])))
  return {
    sessions: clients.map(({ sessions }) => sessions),
    stop: async () => {
      ending.abort()
      await Promise.all(clients.map(({ watching }) => watching))
    },
  }
}

/** A record may come before the answer that says that the subscription is there: it is of no session yet. */
function take(session: Session | undefined, records: readonly WatchedRecord[]): void {
  if (session?.isOpen !== true) return
  for (const { symbol, timestamp, revision } of records)
    session.received.add(revisionKey({ symbol, timestamp, revision: Number(revision) }))
}

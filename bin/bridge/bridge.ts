import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { WebSocketServer } from 'ws'

import { readCredential } from '../../functions/authorizer/credential.ts'
import { Hub, type HubOptions } from './hub.ts'
import { findFormat, type Format } from './protocols/format.ts'
import { checkKey } from './rest.ts'
import { Session, SESSION_LIMITS, type SessionLimits } from './session.ts'

export type BridgeOptions = HubOptions & {
  /** What comes before the paths of vendors, as `/local`; without a slash at its end. @default nothing */
  readonly base?: string
  /** @default SESSION_LIMITS */
  readonly limits?: Partial<SessionLimits>
  /** @default 1000 */
  readonly maxConnections?: number
}

/** The streams of other vendors, in front of the WebSocket API. */
export type Bridge = {
  /** Whether a request asks for one of the streams. */
  readonly wants: (request: IncomingMessage) => boolean
  /** Takes the connection of a request that it wants. */
  readonly take: (request: IncomingMessage, stream: Duplex, head: Buffer) => void
  readonly connections: () => number
  /** Ends all connections. */
  readonly stop: () => Promise<void>
}

/** A client may name 10,000 symbols in a message. */
const MAX_MESSAGE_BYTES = 512 * 1024
const MAX_CONNECTIONS = 1000
/** Bytes that may wait to be received: of a client, and of all together. */
const MAX_WAITING = { one: 4 * 2 ** 20, all: 256 * 2 ** 20, atLeast: 256 * 1024 }

/** Opens the bridge; it connects to TickStock when a client subscribes. */
export function openBridge({ base = '', limits = {}, ...options }: BridgeOptions): Bridge {
  const { maxConnections = MAX_CONNECTIONS, api } = options
  const hub = new Hub(options)
  const sessions = new Set<Session>()
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // Alpaca's and Massive's know none, and some clients offer one.
    handleProtocols: () => false,
  })
  const maxWaiting = (): number =>
    Math.min(MAX_WAITING.one, Math.max(MAX_WAITING.atLeast, MAX_WAITING.all / Math.max(1, sessions.size)))
  const formatFor = ({ url = '', headers }: IncomingMessage): Format | undefined => {
    const [path = ''] = url.split('?', 1)
    return path.startsWith(base) ? findFormat(path.slice(base.length), headers['content-type']) : undefined
  }
  return {
    wants: (request) =>
      request.headers.upgrade?.toLowerCase() === 'websocket' && formatFor(request) !== undefined,
    take: (request, stream, head) =>
      server.handleUpgrade(request, stream, head, (socket) => {
        const format = formatFor(request)
        if (format === undefined) return socket.close()
        const session = new Session(socket, {
          format,
          hub,
          key: keyOf(request),
          checkKey: (key) => checkKey(api.url, key),
          limits: { ...SESSION_LIMITS, ...limits },
          maxWaiting,
        })
        sessions.add(session)
        socket.once('close', () => sessions.delete(session))
        if (sessions.size > maxConnections)
          session.end({
            kind: 'too-many-connections',
            detail: `${maxConnections} clients are connected, and no more are allowed`,
          })
      }),
    connections: () => sessions.size,
    stop: async () => {
      for (const session of sessions) session.goAway()
      await hub.stop()
    },
  }
}

/** The key among the headers, where the REST API looks for it, too. */
function keyOf({ headers, url = '' }: IncomingMessage): string | undefined {
  const texts = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  )
  const query = Object.fromEntries(new URL(url, 'ws://bridge').searchParams)
  const credential = readCredential({ headers: texts, query, tickets: false })
  return credential.type === 'key' ? credential.value : undefined
}

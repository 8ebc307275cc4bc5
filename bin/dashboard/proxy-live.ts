import { type IncomingMessage, request as startRequest, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { type Answer, problem, SECURITY_HEADERS } from './answer.ts'
import type { Session, Sessions } from './sessions.ts'

export type LiveProxy = {
  /** Where the WebSocket API is, `ws://`. */
  readonly url: string
  readonly key: string
  readonly sessions: Sessions
}

const HANDSHAKE = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions']
const ACCEPTED = ['sec-websocket-accept', 'sec-websocket-extensions', 'upgrade', 'connection']
const HANDSHAKE_MS = 10_000
const FINISH_MS = 2000

/** The connection of a browser that asks for a WebSocket. */
export type Upgrading = { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }

/**
 * Connects a browser to the WebSocket API: the handshake is passed on with the key, then the bytes of both sides as they
 * are. A side that does not read holds up the other, and one that ends ends the other.
 */
export function proxyLive(
  { url, key, sessions }: LiveProxy,
  session: Session,
  { request, socket, head }: Upgrading,
): void {
  session.sockets.add(socket)
  const asked = startRequest(url.replace(/^ws/, 'http'), {
    headers: {
      ...picked(request, HANDSHAKE),
      connection: 'Upgrade',
      upgrade: 'websocket',
      'x-api-key': key,
    },
    timeout: HANDSHAKE_MS,
  })
  socket.once('close', () => {
    session.sockets.delete(socket)
    asked.destroy()
  })
  socket.on('error', () => socket.destroy())
  asked.once('timeout', () => asked.destroy(new Error(`no answer in ${HANDSHAKE_MS / 1000} s`)))
  asked.once('error', ({ message }) => refuseUpgrade(socket, unavailable(502, message)))
  asked.once('response', (answer) => {
    answer.destroy()
    refuseUpgrade(socket, unavailable(answer.statusCode ?? 502, `it answers ${answer.statusCode}`))
  })
  asked.once('upgrade', (answer, upstream: Socket, first: Buffer) => {
    upstream.setTimeout(0)
    socket.write(headOf(101, picked(answer, ACCEPTED)))
    if (first.length > 0) socket.write(first)
    if (head.length > 0) upstream.write(head)
    // The page says `ping` every few minutes: it is in use.
    socket.on('data', () => sessions.use(session))
    join(socket, upstream)
  })
  asked.end()
}

function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to)
    from.on('error', () => from.destroy())
    from.once('end', () => finish(from, to))
    from.once('close', () => finish(from, to))
  }
}

/** After the end of one side the other gets a moment for what was sent to it, its close frame for one; half a WebSocket is none. */
function finish(from: Duplex, to: Duplex): void {
  if (to.destroyed) return void from.destroy()
  if (!to.writableEnded) to.end()
  const timer = setTimeout(() => {
    from.destroy()
    to.destroy()
  }, FINISH_MS)
  to.once('close', () => clearTimeout(timer))
}

/** Answers a request for a WebSocket that is not to be had. */
export function refuseUpgrade(socket: Duplex, { status, headers, body = '' }: Answer): void {
  if (!socket.writable) return
  const head = headOf(status, {
    ...SECURITY_HEADERS,
    ...headers,
    connection: 'close',
    'content-length': Buffer.byteLength(body),
  })
  socket.end(`${head}${String(body)}`)
}

function headOf(status: number, headers: NonNullable<Answer['headers']>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n')
}

function picked({ headers }: IncomingMessage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

function unavailable(status: number, reason: string): Answer {
  return problem(status, 'unreachable', {
    title: 'The WebSocket API cannot be reached',
    detail: `the WebSocket API of this deployment cannot be reached: ${reason}`,
  })
}

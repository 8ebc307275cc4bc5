import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'

/** A client whose handshake was accepted. */
export type Client = {
  readonly socket: WebSocket
  /** What it was sent: text as it is, bytes in hexadecimal. */
  readonly received: string[]
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

/** The status and body with which a handshake was refused. */
export type Refusal = { readonly status: number | undefined; readonly body: string }

/** Connects, and ends the connection when the test is over. Rejects if the handshake is refused. */
export async function connect(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<Client> {
  const client = await attempt(url, options)
  if ('status' in client) throw new Error(`refused with ${client.status}: ${client.body}`)
  return client
}

/** How the handshake is refused; rejects if it is accepted. */
export async function refusal(url: string, options: ClientOptions = {}): Promise<Refusal> {
  const outcome = await attempt(url, options)
  if ('status' in outcome) return outcome
  throw new Error('the handshake was accepted')
}

function attempt(
  url: string,
  { protocols = [], ...options }: ClientOptions & { protocols?: string[] },
): Promise<Client | Refusal> {
  const socket = new WebSocket(url, protocols, options)
  onTestFinished(() => socket.terminate())
  const received: string[] = []
  socket.on('message', (data: Buffer, isBinary) => received.push(data.toString(isBinary ? 'hex' : 'utf8')))
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }))
  })
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, received, closed }))
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject)
    })
  })
}

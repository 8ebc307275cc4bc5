import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { type Dashboard, startDashboard } from '../../../bin/dashboard/server.ts'
import { eventually } from '../../support/eventually.ts'
import { ask, signInBy } from './ask.ts'
import { backendAt, portOf } from './backend-at.ts'

type Connected = { readonly request: IncomingMessage; readonly socket: Duplex }

let dashboard: Dashboard
let port: number
let cookie: string
/** Takes the next connection that reaches the WebSocket API. */
let take: (connected: Connected) => void
const faults: unknown[] = []
const api = createServer((_request, response) => response.writeHead(426).end())
api.on('upgrade', (request, socket) => {
  if (request.url === '/refuses') {
    socket.end('HTTP/1.1 429 Too Many Requests\r\n\r\n')
    return
  }
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: yes\r\n\r\n',
  )
  // As a WebSocket server does.
  socket.on('end', () => socket.end()).on('error', () => socket.destroy())
  take({ request, socket })
})

beforeAll(async () => {
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  dashboard = await startDashboard({
    port: 0,
    pages: Promise.reject(new Error('there is no page')),
    onError: (error) => void faults.push(error),
  })
  port = Number(new URL(dashboard.url).port)
})

afterAll(async () => {
  await dashboard.stop()
  api.close()
})

beforeEach(async () => {
  dashboard.show(backendAt(portOf(api)))
  cookie = await signInBy(dashboard.newAddress())
})

const origin = () => `http://localhost:${port}`

/** Asks for a WebSocket as a browser does, with these headers in place of its own. */
function open(headers: Readonly<Record<string, string>> = {}, path = '/live'): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => socket.destroy())
  const all = {
    Host: `localhost:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    Origin: origin(),
    Cookie: cookie,
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]))
  socket.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
  return socket
}

/** A connection with both its ends, after the handshake. */
async function opened(): Promise<{
  readonly client: Socket
  readonly upstream: Connected
  readonly head: string
}> {
  const taken = new Promise<Connected>((resolve) => {
    take = resolve
  })
  const client = open()
  const upstream = await taken
  client.once('data', () => client.pause())
  const [head] = await once(client, 'data')
  return { client, upstream, head: String(head) }
}

it('a page is connected with the key on this side, and neither its cookie nor its origin goes further', async () => {
  const { client, upstream, head } = await opened()
  expect(head).toMatch(/^HTTP\/1\.1 101 [^]*sec-websocket-accept: yes\r\n/)
  expect(head).not.toContain('the-api-key')
  expect(upstream.request.headers).toEqual({
    connection: 'Upgrade',
    host: `127.0.0.1:${portOf(api)}`,
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    upgrade: 'websocket',
    'x-api-key': 'the-api-key',
  })
  client.write('subscribe')
  expect(String((await once(upstream.socket, 'data'))[0])).toBe('subscribe')
  upstream.socket.write('subscribed')
  client.resume()
  expect(String((await once(client, 'data'))[0])).toBe('subscribed')
  client.destroy()
})

it('what was sent before an end arrives, and the other side ends too', async () => {
  const first = await opened()
  first.upstream.socket.end('close frame')
  expect(await text(first.client)).toBe('close frame')
  const second = await opened()
  second.client.end('close frame')
  expect(await text(second.upstream.socket)).toBe('close frame')
  const third = await opened()
  third.client.destroy()
  await once(third.upstream.socket.resume(), 'close')
})

const TOTAL = 64 * 1024 * 1024
const PIECE = Buffer.alloc(64 * 1024)

it.each(['to the page', 'from the page'])('a side that does not read holds up the other: %s', async (way) => {
  const { client, upstream } = await opened()
  const [from, to] = way === 'to the page' ? [upstream.socket, client] : [client, upstream.socket]
  to.pause()
  let sent = 0
  const push = (): void => {
    while (sent < TOTAL) {
      sent += PIECE.length
      if (!from.write(PIECE)) return void from.once('drain', push)
    }
    from.end()
  }
  push()
  // Held up means that nothing moves while the dashboard answers all else.
  for (let still = 0, before = sent; still < 100; still++) {
    await ask(port, '/session')
    if (sent !== before) [still, before] = [0, sent]
  }
  expect(sent).toBeLessThan(TOTAL)
  let received = 0
  to.on('data', (data: Buffer) => {
    received += data.length
  })
  to.resume()
  await once(to, 'end')
  expect(received).toBe(TOTAL)
  client.destroy()
})

it('a page that does not read is cut off a moment after the API has ended its connection', async () => {
  const { client, upstream } = await opened()
  for (let sent = 0; sent < TOTAL; sent += PIECE.length) upstream.socket.write(PIECE)
  upstream.socket.destroy()
  expect(client.destroyed).toBe(false)
  // It reads nothing, so it only notices when it writes.
  await eventually('the end of the connection', () => {
    client.write('x')
    return client.destroyed
  })
})

it.each([
  ['another origin', { Origin: 'http://evil.example' }, 403],
  ['another port of this machine', { Origin: 'http://localhost:4566' }, 403],
  ['a page whose name leads here', { Host: 'rebound.example', Origin: 'http://rebound.example' }, 403],
  ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['no page', { Origin: '' }, 401],
  ['nobody who has signed in', { Cookie: '' }, 401],
  ['who forged a cookie', { Cookie: 'tickstock_1=x' }, 401],
])('a WebSocket of %s is refused', async (_who, headers, status) => {
  take = () => expect.unreachable('it reached the API')
  expect(await text(open(headers))).toMatch(
    new RegExp(`^HTTP/1\\.1 ${status} [^]*x-content-type-options: nosniff`),
  )
})

it('another path has no WebSocket, nor has a deployment without one, or one that starts', async () => {
  expect(await text(open({}, '/v1/bars'))).toMatch(/^HTTP\/1\.1 404 /)
  expect(await text(open({}, '//live'))).toMatch(/^HTTP\/1\.1 400 /)
  dashboard.show({ ...backendAt(portOf(api)), webSocketUrl: undefined })
  expect(await text(open())).toMatch(/^HTTP\/1\.1 404 /)
})

it('what the API answers instead is passed on, and that it does not answer', async () => {
  dashboard.show({ ...backendAt(1), webSocketUrl: `ws://127.0.0.1:${portOf(api)}/refuses` })
  expect(await text(open())).toMatch(
    /^HTTP\/1\.1 429 [^]*"the WebSocket API of this deployment cannot be reached/,
  )
  dashboard.show(backendAt(1))
  expect(await text(open())).toMatch(/^HTTP\/1\.1 502 /)
})

it('signing out ends it', async () => {
  const { client, upstream } = await opened()
  await ask(port, '/session/end', {
    method: 'POST',
    headers: { cookie, origin: origin(), 'content-type': 'application/json' },
    body: '{}',
  })
  await Promise.all([once(client.resume(), 'close'), once(upstream.socket.resume(), 'close')])
  expect(client.bytesWritten).toBeGreaterThan(0)
})

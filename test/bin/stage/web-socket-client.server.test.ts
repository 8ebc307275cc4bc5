import { connect, createServer, type Server, type Socket } from 'node:net'

import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'

import { type ClientState, watch, type WatchedRecord } from '../../../bin/stage/web-socket-client.ts'
import { eventually } from '../../support/eventually.ts'

const QUIET_MS = 100

let server: WebSocketServer
let proxy: Server
let isMute = false
let pings = 0
const sockets = new Set<Socket>()
let ending: AbortController

beforeEach(() => {
  ending = new AbortController()
})

afterEach(async () => {
  ending.abort()
  for (const socket of sockets) socket.destroy()
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => proxy.close(resolve))
  await new Promise((resolve) => server.close(resolve))
})

it('gives up a connection whose bytes go nowhere, pings while nothing comes, and keeps one that answers', async () => {
  const { watching, states, records } = watchAt(await open())
  await eventually('three pings of a connection that is only quiet', () => pings >= 3)
  expect(states).toEqual([{ type: 'subscribed' }])
  isMute = true
  await eventually('the end', () => states.length === 2)
  expect(states[1]).toEqual({ type: 'ended', reason: 'nothing came for 0.2 s', againInMs: 1000 })
  isMute = false
  await eventually('a new subscription', () => states.at(-1)?.type === 'subscribed')
  for (const client of server.clients)
    client.send('[{"type":"bar","symbol":"A","timestamp":"2026-01-01T00:00:00Z"}]')
  await eventually('a record', () => records.length > 0)
  ending.abort()
  await watching
})

it('is subscribed once on a connection whose answer comes twice', async () => {
  const { watching, states, records } = watchAt(await open())
  const client = await eventually('the connection', () => [...server.clients][0])
  await eventually('its subscription', () => states.length > 0)
  client.send('{"type":"subscribed"}')
  client.send('[{"type":"bar","symbol":"A","timestamp":"2026-01-01T00:00:00Z"}]')
  await eventually('a record', () => records.length > 0)
  expect(states).toEqual([{ type: 'subscribed' }])
  ending.abort()
  await watching
})

function watchAt(url: string) {
  const states: ClientState[] = []
  const records: WatchedRecord[] = []
  const watching = watch({
    url,
    key: 'key',
    symbols: ['A'],
    types: ['bar'],
    signal: ending.signal,
    onRecords: (received) => void records.push(...received),
    onState: (state) => void states.push(state),
    quietMs: QUIET_MS,
  })
  return { watching, states, records }
}

/** A server that answers as the deployment does, behind a proxy that may drop all bytes both ways. */
async function open(): Promise<string> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (client) =>
    client.on('message', (data) => {
      const isPing = Buffer.isBuffer(data) && data.includes('"ping"')
      if (isPing) pings++
      client.send(isPing ? '{"type":"pong"}' : '{"type":"subscribed"}')
    }),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  proxy = createServer((socket) => {
    const upstream = connect(portOf(server.address()), '127.0.0.1')
    for (const each of [socket, upstream]) {
      sockets.add(each)
      each.on('error', () => undefined)
    }
    socket.on('data', (bytes) => isMute || upstream.write(bytes))
    upstream.on('data', (bytes) => isMute || socket.write(bytes))
    socket.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${portOf(proxy.address())}`
}

function portOf(address: ReturnType<Server['address']>): number {
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  return address.port
}

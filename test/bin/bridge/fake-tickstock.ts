import { once } from 'node:events'
import { createServer } from 'node:http'

import { type WebSocket, WebSocketServer } from 'ws'

import { decide } from '../../../functions/broadcaster/decide.ts'
import { NO_SUBSCRIPTIONS, type Subscriptions, wants } from '../../../functions/broadcaster/subscriptions.ts'

/** A bar as the WebSocket API sends it. */
export type SentBar = { readonly symbol: string; readonly timestamp: string; readonly revision: number }

/** What stands for a deployment: its WebSocket API, which decides as the broadcaster does, and what the REST API answers. */
export type FakeTickStock = {
  readonly api: { readonly url: string; readonly key: string }
  readonly url: string
  /** Keys that are taken. */
  readonly keys: Set<string>
  /** What the database has; rejected where it is `away`. */
  stored: readonly SentBar[] | 'away'
  readonly connections: () => number
  readonly subscriptions: () => readonly Subscriptions[]
  /** Sends records to who subscribes to them. */
  readonly send: (...records: readonly object[]) => void
  readonly dropConnections: () => void
  readonly stop: () => Promise<void>
}

const KEY = 'k'.repeat(40)

export function barRecord(bar: SentBar): SentBar & { readonly type: 'bar' } {
  const values = {
    open: '1.5',
    high: '2',
    low: '1',
    close: '1.75',
    volume: '10',
    vwap: '1.6',
    trade_count: 3,
  }
  return { type: 'bar', ...bar, ...values }
}

export async function startFakeTickStock(): Promise<FakeTickStock> {
  const clients = new Map<WebSocket, Subscriptions>()
  const keys = new Set([KEY])
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://fake')
    const answer = (status: number, body: unknown): void =>
      void response.writeHead(status).end(JSON.stringify(body))
    if (!keys.has(String(request.headers['x-api-key']))) return answer(401, {})
    if (url.pathname === '/v1/bars/latest') return answer(400, {})
    if (fake.stored === 'away') return answer(503, {})
    if (url.pathname === '/v1/symbols')
      return answer(200, { symbols: fake.stored.map(({ symbol }) => ({ symbol })), next_page_token: null })
    const asked = (url.searchParams.get('symbols') ?? '').split(',')
    const start = Date.parse(url.searchParams.get('start') ?? '')
    const found = fake.stored.filter(
      ({ symbol, timestamp }) => asked.includes(symbol) && Date.parse(timestamp) >= start,
    )
    const bars = Object.groupBy(found, ({ symbol }) => symbol)
    const views = Object.entries(bars).map(([symbol, list = []]) => [symbol, list.map(viewOf)])
    answer(200, { bars: Object.fromEntries(views), next_page_token: null })
  })
  const webSockets = new WebSocketServer({ server })
  webSockets.on('connection', (socket) => {
    clients.set(socket, NO_SUBSCRIPTIONS)
    socket.on('close', () => clients.delete(socket))
    socket.on('message', (data: Buffer) => {
      const { subscriptions, answer } = decide(clients.get(socket) ?? NO_SUBSCRIPTIONS, String(data))
      clients.set(socket, subscriptions)
      socket.send(JSON.stringify(answer))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const fake: FakeTickStock = {
    api: { url: `http://127.0.0.1:${port}`, key: KEY },
    url: `ws://127.0.0.1:${port}`,
    keys,
    stored: [],
    connections: () => clients.size,
    subscriptions: () => [...clients.values()],
    send: (...records) => {
      for (const [socket, subscriptions] of clients) {
        const wanted = records.filter(
          (record) =>
            'type' in record &&
            (record.type === 'bar' || record.type === 'ticks') &&
            'symbol' in record &&
            wants(subscriptions, { type: record.type, symbol: String(record.symbol) }),
        )
        if (wanted.length > 0) socket.send(JSON.stringify(wanted))
      }
    },
    dropConnections: () => {
      for (const socket of clients.keys()) socket.terminate()
      clients.clear()
    },
    stop: async () => {
      for (const socket of clients.keys()) socket.terminate()
      webSockets.close()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return fake
}

function viewOf({ timestamp, revision }: SentBar) {
  return { t: timestamp, o: '1.5', h: '2', l: '1', c: '1.75', v: '10', n: 3, vw: '1.6', rev: revision }
}

import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod'

import { openBridge } from '../../bin/bridge/bridge.ts'
import { listen, type Listening } from '../../bin/bridge/listen.ts'
import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows } from './support/replay-into.ts'
import { waitFor } from './support/wait-for.ts'

const SYMBOLS = 120
/** After so many symbols the connection to TickStock is cut. */
const CUT_EVERY = 15
const EVERY_MS = 150

let data: string
let deployment: Deployment
let listening: Listening
let proxy: Server
const sockets = new Set<Socket>()
const notes: string[] = []

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
  const { api, webSocketUrl = '' } = deployment
  const url = new URL(webSocketUrl)
  const { port, hostname } = url
  proxy = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  url.port = String(typeof address === 'object' ? address?.port : address)
  const onNote = (text: string): void => void notes.push(text)
  const bridge = openBridge({ api, url: url.href, key: api.key, onNote, againMs: 50 })
  listening = await listen(bridge, { host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await listening.stop()
  cut()
  proxy.close()
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

function cut(): void {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
}

const messageSchema = z.array(
  z.looseObject({
    T: z.string(),
    S: z.string().default(''),
    t: z.string().default(''),
    v: z.number().default(0),
    n: z.number().default(0),
  }),
)
type Message = z.infer<typeof messageSchema>[number]

/** A client of Alpaca's protocol that subscribes to all symbols; each message that it gets. */
async function subscribe(): Promise<{ readonly heard: readonly Message[]; readonly closed: () => boolean }> {
  const headers = { 'APCA-API-SECRET-KEY': deployment.api.key }
  const socket = new WebSocket(`${listening.url}/v2/iex`, { headers })
  const heard: Message[] = []
  socket.on('message', (frame: Buffer) => heard.push(...messageSchema.parse(JSON.parse(String(frame)))))
  await waitFor(() => heard.length === 2, 'the client to be let in')
  socket.send('{"action":"subscribe","bars":["*"],"updatedBars":["*"]}')
  await waitFor(() => heard.length === 3, 'its subscription')
  return { heard, closed: () => socket.readyState !== WebSocket.OPEN }
}

/** Trades of a symbol in each of the last three minutes, and a late one. */
function tradesOf(symbol: string): readonly string[] {
  const minute = Math.floor(Date.now() / 60_000) * 60
  const trade = (timestamp: number, volume: number) =>
    JSON.stringify({ symbol, price: 10, volume, timestamp })
  return [trade(minute - 110, 1), trade(minute - 50, 2), trade(minute - 90, 4)]
}

it('a client misses no bar and no correction, and gets none twice, while the connection to TickStock is cut again and again', async () => {
  const client = await subscribe()
  const kinesis = createKinesisClient(deployment.runtime.environment)
  for (let number = 1; number <= SYMBOLS; number++) {
    const symbol = `CUT${number}`
    for (const trade of tradesOf(symbol))
      await kinesis.send(
        new PutRecordsCommand({
          StreamName: deployment.ticksStream,
          Records: [{ Data: Buffer.from(trade), PartitionKey: symbol }],
        }),
      )
    if (number % CUT_EVERY === 0) cut()
    await wait(EVERY_MS)
  }
  await deployment.flush()
  const rows = await readRows(deployment.readOnlyUrl)
  expect(rows.length).toBe(2 * SYMBOLS)
  const bars = (): readonly Message[] => client.heard.filter(({ T }) => T === 'b' || T === 'u')
  const newest = (symbol: string, timestamp: string): Message | undefined =>
    bars().findLast(({ S, t }) => S === symbol && t === timestamp)
  await waitFor(
    () => rows.every((row) => newest(row.symbol, row.timestamp)?.n === Number(row.trade_count)),
    'every bar, as the database has it',
  )
  const news = bars().filter(({ T }) => T === 'b')
  expect(news).toHaveLength(rows.length)
  expect(new Set(news.map(({ S, t }) => `${S} ${t}`)).size).toBe(rows.length)
  const corrections = bars().filter(({ T }) => T === 'u')
  expect(corrections.every(({ v, n }) => v === 5 && n === 2)).toBe(true)
  const again = notes.filter((note) => note.includes('no bar was missed'))
  expect(again.length).toBeGreaterThanOrEqual(SYMBOLS / CUT_EVERY / 2)
  expect(client.closed()).toBe(false)
})

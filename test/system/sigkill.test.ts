import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import { parseDecimal } from '../../functions/domain/decimal.ts'
import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { readTrades, toTrade } from '../support/trades.ts'
import { temporaryFolder } from './support/data-folder.ts'
import { readRows, type Row } from './support/replay-into.ts'
import { waitFor } from './support/wait-for.ts'

const SCRIPT = fileURLToPath(new URL('support/run-replay.ts', import.meta.url))
/** The first hours of the day: enough to be killed in. */
const trades = readTrades('comex-gc-20131007').slice(0, 6000)
const message = z.object({ type: z.enum(['started', 'flushed']), url: z.string() })

let folder: string
let file: string

beforeAll(() => {
  folder = temporaryFolder()
  file = join(folder, 'trades.csv')
  const rows = trades.map(({ symbol, timestamp, price, volume }) =>
    [symbol, timestamp, price, volume].join(','),
  )
  writeFileSync(file, ['symbol,timestamp,price,volume', ...rows].join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What it sorts in goes with the folder of the test: a killed process removes nothing. */
const start = (): ChildProcess =>
  fork(SCRIPT, [join(folder, 'data'), file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, TMPDIR: folder },
  })

async function hear(child: ChildProcess, type: string): Promise<string> {
  for (;;) {
    const [raw] = await once(child, 'message')
    const heard = message.parse(raw)
    if (heard.type === type) return heard.url
  }
}

it('the same bars come out when the whole process is killed in mid-replay and started again, twice', async () => {
  const bars = expected()
  for (const share of [0.2, 0.6]) {
    const child = start()
    const url = await hear(child, 'started')
    const enough = bars.length * share
    const client = await connect(url)
    await waitFor(async () => (await barCount(client)) > enough, `${enough} bars`)
    const dead = once(child, 'exit')
    child.kill('SIGKILL')
    await dead
    // The server ends by itself, and the connection with it.
    await client.end()
  }
  const child = start()
  const rows = await readRows(await hear(child, 'flushed'))
  child.send('stop')
  await once(child, 'exit')
  expect(rows.map(barOf)).toEqual(bars)
})

async function connect(url: string): Promise<Client> {
  const client = new Client(url)
  client.on('error', () => {})
  await client.connect()
  return client
}

async function barCount(client: Client): Promise<number> {
  const { rows } = await client.query('SELECT count(*)::int AS bars FROM ohlcv_1min')
  return z.object({ bars: z.int() }).parse(rows[0]).bars
}

function barOf({ revision: _revision, vwap, ...row }: Row) {
  const { symbol, timestamp, trade_count: tradeCount } = row
  const prices = [row.open, row.high, row.low, row.close, row.volume].map((text) => parseDecimal(text))
  return { symbol, timestamp, prices, vwap, tradeCount: Number(tradeCount) }
}

/** The plain fold of every trade. */
function expected() {
  const bySymbol = Map.groupBy(trades, ({ symbol }) => symbol)
  return [...bySymbol]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([symbol, ofSymbol]) =>
      [...plainFold(ofSymbol.map(toTrade)).values()]
        .toSorted((a, b) => a.start - b.start)
        .map(({ start: minute, open, high, low, close, volume, vwap, tradeCount }) => ({
          symbol,
          timestamp: new Date(minute * 1000).toISOString().replace('.000', ''),
          prices: [open, high, low, close, volume].map((text) => parseDecimal(text)),
          vwap,
          tradeCount,
        })),
    )
}

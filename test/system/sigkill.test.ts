import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import { parseDecimal } from '../../functions/domain/decimal.ts'
import { plainFold } from '../../bin/stage/verify/plain-fold.ts'
import { readTrades, toTrade, tradesPath } from '../support/trades.ts'
import { readRows, type Row } from './support/replay-into.ts'
import { waitFor } from './support/wait-for.ts'

const SCRIPT = fileURLToPath(new URL('support/run-replay.ts', import.meta.url))
const SET = 'comex-gc-20131007'
const message = z.object({ type: z.enum(['started', 'flushed']), url: z.string() })

let data: string

beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})
afterAll(() => rmSync(data, { recursive: true, force: true }))

const start = (): ChildProcess =>
  fork(SCRIPT, [data, tradesPath(SET)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })

async function hear(child: ChildProcess, type: string): Promise<string> {
  for (;;) {
    const [raw] = await once(child, 'message')
    const heard = message.parse(raw)
    if (heard.type === type) return heard.url
  }
}

it('the same bars come out when the whole process is killed in mid-replay and started again, twice', async () => {
  for (const share of [0.2, 0.6]) {
    const child = start()
    const url = await hear(child, 'started')
    const enough = 1495 * share
    await waitFor(async () => (await readRows(url)).length > enough, `${enough} bars`)
    const dead = once(child, 'exit')
    child.kill('SIGKILL')
    await dead
  }
  const child = start()
  const rows = await readRows(await hear(child, 'flushed'))
  child.send('stop')
  await once(child, 'exit')
  expect(rows.map(barOf)).toEqual(expected())
})

function barOf({ revision: _revision, vwap, ...row }: Row) {
  const { symbol, timestamp, trade_count: tradeCount } = row
  const prices = [row.open, row.high, row.low, row.close, row.volume].map((text) => parseDecimal(text))
  return { symbol, timestamp, prices, vwap, tradeCount: Number(tradeCount) }
}

/** The plain fold of every trade of the set. */
function expected() {
  const bySymbol = Map.groupBy(readTrades(SET), ({ symbol }) => symbol)
  return [...bySymbol]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([symbol, trades]) =>
      [...plainFold(trades.map(toTrade)).values()]
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

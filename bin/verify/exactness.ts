import type { Client } from 'pg'
import { z } from 'zod'

import { minuteOf } from '../../functions/domain/minute.ts'
import type { Tick, TickRun } from '../../functions/domain/tick.ts'
import { deployedEnvironment } from '../local/deployed-function.ts'
import { type Finding, finding } from './finding.ts'
import { type PlainBar, plainFold } from './plain-fold.ts'
import { readTicks } from './stream-ticks.ts'

const WINDOW_SECONDS = 900
/** A tick may be that far ahead of its arrival, so a minute's ticks may lie that far before it on the stream. */
const AHEAD_SECONDS = 60

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    start: z.coerce.number(),
    open: z.string(),
    high: z.string(),
    low: z.string(),
    close: z.string(),
    volume: z.string(),
    vwap: z.string().nullable(),
    trade_count: z.coerce.number(),
  }),
)

const ROWS = `
  SELECT symbol, extract(epoch FROM timestamp)::bigint AS start, trim_scale(open) AS open,
    trim_scale(high) AS high, trim_scale(low) AS low, trim_scale(close) AS close, trim_scale(volume) AS volume,
    trim_scale(vwap) AS vwap, trade_count
  FROM ohlcv_1min WHERE timestamp >= to_timestamp($1) AND timestamp < to_timestamp($2)`

/**
 * Folds the ticks that are still on the stream and compares the bars with the rows: of every symbol, each minute that
 * no tick can change any more.
 */
export async function checkExactness(
  client: Client,
  { stage, sample }: { stage: string; sample: number },
): Promise<Finding[]> {
  const lateness = Number((await deployedEnvironment('aggregator', { stage }))['LATENESS_SECONDS'])
  const now = Math.floor(Date.now() / 1000)
  const from = minuteOf(now - WINDOW_SECONDS)
  const until = minuteOf(now - lateness - 60)
  const ticks = await readTicks(`tickstock-${stage}-ticks`, (from - AHEAD_SECONDS - lateness) * 1000)
  const expected = new Map<string, PlainBar>()
  for (const [symbol, runs] of ticks)
    for (const [start, bar] of plainFold(accepted(runs, lateness)))
      if (start >= from && start < until) expected.set(`${symbol} ${start}`, bar)
  const { rows } = await client.query(ROWS, [from, until])
  const stored = new Map(rowsSchema.parse(rows).map((row) => [`${row.symbol} ${row.start}`, row]))
  const keys = spread([...new Set([...expected.keys(), ...stored.keys()])].toSorted(), sample)
  const wrong = keys.filter((key) => textOf(expected.get(key)) !== textOf(barOf(stored.get(key))))
  const checked = `${keys.length} of ${Math.max(stored.size, expected.size)} bars`
  if (keys.length === 0)
    return [
      {
        check: 'bars recomputed from the stream',
        expected: 'equal to the rows',
        found: `no minute between ${WINDOW_SECONDS / 60} min and ${Math.ceil(lateness / 60) + 1} min ago has ticks`,
        verdict: 'none-yet',
      },
    ]
  return [
    finding('bars recomputed from the stream', 'equal to the rows', {
      found:
        wrong.length === 0
          ? `${checked}, all equal`
          : `${checked}, ${wrong.length} differ: ${wrong.slice(0, 3).join(', ')}`,
      holds: wrong.length === 0,
    }),
  ]
}

/** The ticks that count: none of a put that was repeated, none that came later than the allowed lateness. */
function accepted(runs: readonly TickRun[], lateness: number): Tick[] {
  const sequences = new Map<string, number>()
  const ticks: Tick[] = []
  let newest = -Infinity
  for (const { producer, ticks: ofRun } of runs) {
    if (producer !== undefined) {
      if ((sequences.get(producer.source) ?? -1) >= producer.sequence) continue
      sequences.set(producer.source, producer.sequence)
    }
    for (const tick of ofRun) {
      const time = tick.seconds + tick.nanos / 1e9
      if (minuteOf(tick.seconds) < minuteOf(newest) && time + lateness < newest) continue
      newest = Math.max(newest, time)
      ticks.push(tick)
    }
  }
  return ticks
}

/** So many of them, evenly. */
function spread(keys: readonly string[], count: number): string[] {
  const step = Math.max(1, keys.length / count)
  return Array.from(
    { length: Math.min(count, keys.length) },
    (_, index) => keys[Math.floor(index * step)] ?? '',
  )
}

function barOf(row: z.infer<typeof rowsSchema>[number] | undefined): PlainBar | undefined {
  if (row === undefined) return undefined
  const { symbol: _symbol, trade_count: tradeCount, ...values } = row
  return { ...values, tradeCount }
}

function textOf(bar: PlainBar | undefined): string {
  if (bar === undefined) return 'none'
  const { start, open, high, low, close, volume, vwap, tradeCount } = bar
  return JSON.stringify([start, open, high, low, close, volume, vwap, tradeCount])
}

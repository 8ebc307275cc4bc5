import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import { type IndicatorRow, indicatorRow } from '../../functions/bar-writer/indicator-row.ts'
import { writeBars } from '../../functions/bar-writer/write-bars.ts'
import { writeIndicators } from '../../functions/bar-writer/write-indicators.ts'
import { writePatterns } from '../../functions/bar-writer/write-patterns.ts'
import { createStoredBars, type StoredBars } from '../../functions/rebuilder/stored-bars.ts'
import { createStoredSignals, type StoredSignals } from '../../functions/rebuilder/stored-signals.ts'
import type { Database, Queryable } from '../../functions/shared/postgres/database.ts'
import type { BarRecord, PatternsRecord } from '../../functions/shared/streams/records.ts'
import { bar } from '../functions/bar-writer/bars.ts'
import { MemoryDatabase } from './memory-database.ts'
import { createDatabase, type TestDatabase } from './test-database.ts'

const T = 1_760_106_720
const SYMBOLS = ['A', 'B']
const SPAN = { from: T, to: T + 180 }

const keyArbitrary = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  minute: fc.nat(3),
  revision: fc.integer({ min: 1, max: 4 }),
})
const timeOf = (minute: number): string =>
  new Date((T + 60 * minute) * 1000).toISOString().replace('.000Z', 'Z')

const barArbitrary = fc
  .tuple(keyArbitrary, fc.constantFrom('10', '10.5', '-0.25'), fc.constantFrom(true, false, null))
  .map(([{ symbol, minute, revision }, close, complete]): BarRecord => {
    const prices = { open: close, high: close, low: close, close, vwap: close }
    const gone = { volume: '0', notional: '0', vwap: null, trade_count: 0, withdrawn: true }
    const timestamp = timeOf(minute)
    return bar({ symbol, timestamp, revision, complete, ...prices, ...(close === '10' && gone) })
  })
const commonOf = ({ symbol, minute, revision }: { symbol: string; minute: number; revision: number }) =>
  ({
    symbol,
    timestamp: timeOf(minute),
    timeframe: '1Min',
    revision,
    calculated_at: T * 1000,
    closed_at: T * 1000,
  }) as const
const indicatorsArbitrary = fc
  .tuple(keyArbitrary, fc.dictionary(fc.constantFrom('sma_3', 'obv'), fc.constantFrom(1, 2.5)))
  .map(([key, values]) => indicatorRow({ type: 'indicators', ...commonOf(key), values }))
const patternsArbitrary = fc
  .tuple(keyArbitrary, fc.subarray(['doji', 'hammer', 'harami']), fc.subarray(['doji', 'hammer', 'harami']))
  .map(([key, found, gone]): PatternsRecord => ({
    type: 'patterns',
    ...commonOf(key),
    patterns: found.map((name) => ({
      pattern_type: name,
      direction: 'bullish',
      strength: 100,
      confidence: 0.5,
      pattern_data: { at: key.revision },
    })),
    withdrawn: gone.filter((name) => !found.includes(name)),
  }))

let server: TestDatabase
let postgres: Database

beforeAll(async () => {
  server = await createDatabase()
  postgres = server.open('app_readwrite')
})

afterAll(async () => {
  await postgres.end()
  await server.remove()
})

type Batch = readonly [readonly BarRecord[], readonly IndicatorRow[], readonly PatternsRecord[]]

/** All that writer and reader see of a database. */
async function seenIn(
  database: Queryable,
  { stored, signals }: { readonly stored: StoredBars; readonly signals: StoredSignals },
  batches: readonly Batch[],
): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const [bars, indicators, patterns] of batches)
    seen.push(
      await writeBars(database, bars),
      await writeIndicators(database, indicators),
      await writePatterns(database, patterns),
    )
  seen.push(await stored.read(SYMBOLS, SPAN), await stored.newest(SYMBOLS))
  for (const symbol of SYMBOLS)
    seen.push(
      await signals(symbol, SPAN),
      await stored.startBefore(symbol, T + 120, 1),
      await stored.startBefore(symbol, T + 240, 3),
    )
  return seen
}

it('the database in memory answers as Postgres does, and keeps the revisions that the trigger keeps', async () => {
  const batchesArbitrary = fc.array(
    fc.tuple(
      fc.array(barArbitrary, { maxLength: 8 }),
      fc.array(indicatorsArbitrary, { maxLength: 5 }),
      fc.array(patternsArbitrary, { maxLength: 5 }),
    ),
    { maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(batchesArbitrary, async (batches) => {
      for (const table of ['ohlcv_1min', 'bar_revisions', 'indicator_values', 'intraday_patterns'])
        await postgres.query(`DELETE FROM ${table}`)
      const memory = new MemoryDatabase()
      const ports = { stored: createStoredBars(postgres), signals: createStoredSignals(postgres) }
      expect(await seenIn(memory, memory, batches)).toEqual(await seenIn(postgres, ports, batches))
      const { rows } = await postgres.query(
        'SELECT symbol, revision, close::text AS close FROM bar_revisions',
      )
      const schema = z.array(z.object({ symbol: z.string(), revision: z.number(), close: z.string() }))
      const kept = memory.revisions.map(({ symbol, revision, close }) => `${symbol} ${revision} ${close}`)
      const expected = schema.parse(rows).map((row) => `${row.symbol} ${row.revision} ${row.close}`)
      expect(kept.toSorted()).toEqual(expected.toSorted())
    }),
    { numRuns: 60 },
  )
})

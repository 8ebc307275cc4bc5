import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import type { Database } from '../../../functions/shared/postgres/database.ts'
import type { BarRecord } from '../../../functions/shared/streams/records.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'
import { bar } from './bars.ts'

const nothing = { written: [], revised: [], stale: [], refused: [] }

let server: TestDatabase
let database: Database

beforeAll(async () => {
  server = await createDatabase()
  database = server.open('app_readwrite')
})

afterAll(async () => {
  await database.end()
  await server.remove()
})

beforeEach(async () => {
  await database.query('DELETE FROM ohlcv_1min')
  await database.query('DELETE FROM bar_revisions')
})

const revisionsSchema = z.array(
  z.object({ symbol: z.string(), revision: z.int(), close: z.string(), is_current: z.boolean() }),
)

/** Each revision of each bar, current or replaced. */
async function revisions() {
  const { rows } = await database.query(
    `SELECT symbol, revision, close, true AS is_current FROM ohlcv_1min
     UNION ALL SELECT symbol, revision, close, false FROM bar_revisions ORDER BY symbol, revision`,
  )
  return revisionsSchema.parse(rows)
}

describe('writing bars', () => {
  it('keeps every digit, as the read-only role sees it', async () => {
    const exact = bar({
      open: '0.000000000000000001',
      high: '99999999999999999999.999999999999999999',
      low: '-99999999999999999999.999999999999999999',
      close: '-1',
      volume: '184467440737.09551615',
      notional: '-0.000000000000000000000000000000000001',
      vwap: '-0.12345678',
      complete: false,
    })
    expect(await writeBars(database, [exact])).toEqual({ ...nothing, written: [exact] })
    const { rows } = await server.as('app_readonly', (client) =>
      client.query(
        'SELECT open, high, low, close, volume, notional, vwap, trade_count, complete, closed_at FROM ohlcv_1min',
      ),
    )
    expect(rows).toEqual([
      {
        open: exact.open,
        high: exact.high,
        low: exact.low,
        close: exact.close,
        volume: exact.volume,
        notional: exact.notional,
        vwap: exact.vwap,
        trade_count: '12',
        complete: false,
        closed_at: new Date(exact.closed_at),
      },
    ])
  })

  it('has no vwap for a minute without volume', async () => {
    await writeBars(database, [bar({ volume: '0', vwap: null })])
    expect((await database.query('SELECT vwap FROM ohlcv_1min')).rows).toEqual([{ vwap: null }])
  })

  it('takes nothing for nothing', async () => {
    expect(await writeBars(database, [])).toEqual(nothing)
  })

  it('tells new, revised and stale bars apart', async () => {
    const [first, second] = [bar(), bar({ revision: 2, close: '150.3' })]
    expect(await writeBars(database, [first])).toEqual({ ...nothing, written: [first] })
    expect(await writeBars(database, [second])).toEqual({ ...nothing, revised: [second] })
    expect(await writeBars(database, [first, second])).toEqual({ ...nothing, stale: [first, second] })
    expect((await database.query('SELECT revision, close FROM ohlcv_1min')).rows).toEqual([
      { revision: 2, close: '150.3' },
    ])
  })

  it('writes each of several revisions in one batch, so that none is missing', async () => {
    const [first, second, third] = [1, 2, 3].map((revision) =>
      bar({ revision, close: `150.2${revision}`, closed_at: 1_762_795_500_000 + revision }),
    )
    const other = bar({ symbol: 'OTHER', revision: 2 })
    if (first === undefined || second === undefined || third === undefined) throw new Error('no bars')
    expect(await writeBars(database, [second, third, other, first, second])).toEqual({
      ...nothing,
      written: [first, other],
      revised: [second, third],
      stale: [second],
    })
    expect(await revisions()).toEqual([
      { symbol: 'AAPL', revision: 1, close: '150.21', is_current: false },
      { symbol: 'AAPL', revision: 2, close: '150.22', is_current: false },
      { symbol: 'AAPL', revision: 3, close: '150.23', is_current: true },
      { symbol: 'OTHER', revision: 2, close: other.close, is_current: true },
    ])
  })

  it('refuses one of several revisions, and writes the others', async () => {
    const [first, third] = [bar(), bar({ revision: 3 })]
    const inverted = bar({ revision: 2, high: '1', low: '2' })
    const { written, revised, refused } = await writeBars(database, [first, inverted, third])
    expect([written, revised, refused.map(({ row }) => row)]).toEqual([[first], [third], [inverted]])
    expect((await revisions()).map(({ revision }) => revision)).toEqual([1, 3])
  })

  it('takes bars of 2013, of before 1970 and of next year, without DDL', async () => {
    const nextYear = new Date().getUTCFullYear() + 1
    const bars = ['2013-04-12T00:00:00Z', '1969-12-31T23:59:00Z', `${nextYear}-02-28T23:59:00Z`].map(
      (timestamp) => bar({ timestamp }),
    )
    expect(await writeBars(database, bars)).toEqual({ ...nothing, written: bars })
  })

  it('isolates the rows that the database refuses; the others land', async () => {
    const inverted = bar({ symbol: 'INVERTED', high: '1', low: '2' })
    const yearZero = bar({ symbol: 'YEARZERO', timestamp: '0000-01-01T00:00:00Z' })
    const good = ['A', 'B', 'C', 'D', 'E'].map((symbol) => bar({ symbol }))
    const result = await writeBars(database, [
      ...good.slice(0, 2),
      inverted,
      ...good.slice(2, 4),
      yearZero,
      ...good.slice(4),
    ])
    expect(result.written).toEqual(good)
    expect(result.refused.map(({ row }) => row)).toEqual([inverted, yearZero])
    expect(result.refused.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('ohlcv_1min_prices'),
      expect.stringContaining('out of range'),
    ])
    expect((await database.query('SELECT count(*)::int AS bars FROM ohlcv_1min')).rows).toEqual([{ bars: 5 }])
  })

  it('throws when the mistake is not in a row', async () => {
    const reader = server.open('app_readonly')
    await expect(writeBars(reader, [bar()])).rejects.toThrow(/read-only transaction|permission denied/)
    await reader.end()
  })

  it('ends with the highest revision of each minute, however bars are shuffled, repeated and batched', async () => {
    const delivered = fc
      .array(
        fc.record({
          symbol: fc.constantFrom('A', 'B', 'b'),
          minute: fc.nat(2),
          revision: fc.integer({ min: 1, max: 5 }),
        }),
        {
          minLength: 1,
          maxLength: 40,
        },
      )
      .chain((bars) =>
        fc.tuple(fc.constant(bars), fc.shuffledSubarray(bars), fc.integer({ min: 1, max: 12 })),
      )
    await fc.assert(
      fc.asyncProperty(delivered, async ([bars, again, batchSize]) => {
        await database.query('DELETE FROM ohlcv_1min')
        const records = [...bars, ...again].map(({ symbol, minute, revision }) =>
          bar({ symbol, timestamp: `2025-11-10T17:0${minute}:00Z`, revision, close: `150.2${revision}` }),
        )
        let landed = 0
        for (let from = 0; from < records.length; from += batchSize) {
          const result = await writeBars(database, records.slice(from, from + batchSize))
          landed += result.written.length
        }
        const expected = highestRevisions(records)
        expect(landed).toBe(expected.size)
        const { rows } = await database.query(
          `SELECT symbol || ' ' || to_char(timestamp, 'MI') AS key, revision, close FROM ohlcv_1min`,
        )
        expect(rows).toHaveLength(expected.size)
        expect(rows).toEqual(
          expect.arrayContaining(
            [...expected].map(([key, revision]) => ({ key, revision, close: `150.2${revision}` })),
          ),
        )
      }),
      { numRuns: 60 },
    )
  })
})

function highestRevisions(records: readonly BarRecord[]): ReadonlyMap<string, number> {
  const highest = new Map<string, number>()
  for (const { symbol, timestamp, revision } of records) {
    const key = `${symbol} ${timestamp.slice(14, 16)}`
    highest.set(key, Math.max(revision, highest.get(key) ?? 0))
  }
  return highest
}

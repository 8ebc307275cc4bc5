import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { archiveKey, hourOf } from '../../../functions/archive/archive-key.ts'
import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { compareTrades, encodeArchive } from '../../../functions/archive/encode-archive.ts'
import { ArchiveError, readArchive } from '../../../functions/archive/read-archive.ts'
import { parseDecimal } from '../../../functions/domain/decimal.ts'
import { blockOf, readPage } from '../../docs/page.ts'
import { archivedTrade, archivedTrades, spelled } from '../../support/archived.ts'

/** An object as it was written before there was the column of sides: two trades. */
const WITHOUT_SIDES = readFileSync(new URL('without-sides.parquet', import.meta.url))

const decimal = fc
  .tuple(fc.bigInt(-(10n ** 15n) + 1n, 10n ** 15n - 1n), fc.bigInt(0n, 10n ** 18n - 1n), fc.nat(18))
  .map(([whole, part, decimals]) => {
    const read = parseDecimal(`${whole}.${String(part).padStart(18, '0').slice(0, decimals)}0`)
    if (typeof read === 'string') throw new Error(read)
    return read
  })
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const text = optional(fc.string({ unit: 'grapheme', maxLength: 20 }))
const number = optional(fc.nat({ max: Number.MAX_SAFE_INTEGER }))
const trade: fc.Arbitrary<ArchivedTrade> = fc.record({
  symbol: fc.constantFrom('A', 'B', 'BRK B', 'Ä', '東証', '😀', '\uFFFD', 'Z'.repeat(64)),
  seconds: fc.integer({ min: 315_532_800, max: 9_000_000_000 }),
  nanos: fc.nat(999_999_999),
  type: fc.constantFrom('trade', 'cancel', 'correct'),
  price: optional(decimal),
  volume: optional(decimal),
  wasPrice: optional(decimal),
  wasVolume: optional(decimal),
  id: number,
  line: text,
  contiguous: optional(fc.boolean()),
  conditions: text,
  tape: optional(fc.constantFrom('A', 'B', 'C')),
  side: optional(fc.constantFrom('buy', 'sell')),
  source: text,
  sequence: number,
  shard: fc.constantFrom('shardId-000000000000', 'shardId-000000000001'),
  sequenceNumber: fc.bigInt(0n, 2n ** 128n).map(String),
  place: fc.nat(100_000),
  arrivedAt: fc.nat({ max: 4_000_000_000_000 }),
})

const query = async (sql: string): Promise<unknown[]> => {
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}

describe('an object of the archive', () => {
  it('gives back every trade exactly, by symbol and time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(trade, { minLength: 1, maxLength: 30 }), async (trades) => {
        const read = await archivedTrades(encodeArchive(trades))
        expect(read.map(spelled)).toEqual(trades.toSorted(compareTrades).map(spelled))
      }),
      { numRuns: 50 },
    )
  })

  it('has the same bytes whatever the order of the trades', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 10 }), (trades) => {
        const sorted = trades.toSorted(compareTrades)
        expect(Buffer.from(encodeArchive(sorted.toReversed())).equals(encodeArchive(sorted))).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('is read by symbol, without the row groups of others', async () => {
    const trades = ['A', 'B', 'Ä', '😀'].flatMap((symbol) =>
      Array.from({ length: 20_000 }, (_, place) => archivedTrade({ symbol, place })),
    )
    const bytes = encodeArchive(trades)
    const groups = await readArchive(bytes, { symbols: new Set(['B']) })
    expect(groups.map(({ count }) => count)).toEqual([32_768, 32_768])
    expect(groups.flatMap(({ symbol }) => symbol).filter((each) => each === 'B')).toHaveLength(20_000)
    const last = await readArchive(bytes, { symbols: new Set(['😀']) })
    expect(last.flatMap(({ symbol }) => symbol).filter((each) => each === '😀')).toHaveLength(20_000)
    expect(await readArchive(bytes, { symbols: new Set(['C']) })).not.toContainEqual(
      expect.objectContaining({ symbol: expect.arrayContaining(['C']) }),
    )
  })

  it('tells readers the least and the largest price of each row group, below zero too, and how many there are none of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
    const file = join(folder, 'hour.parquet')
    try {
      const rows = Array.from({ length: 40_000 }, (_, place) =>
        archivedTrade({
          place,
          price: { units: place - 36_000, scale: place % 2 === 0 ? 1 : 2 },
          wasPrice: place < 100 ? { units: -5, scale: 0 } : undefined,
        }),
      )
      writeFileSync(file, encodeArchive(rows))
      const statistics = await query(
        `SELECT row_group_id, path_in_schema AS column, stats_min_value, stats_max_value, stats_null_count::INT AS nulls FROM parquet_metadata('${file}') WHERE path_in_schema IN ('price', 'was_price') ORDER BY ALL`,
      )
      const decimals = (digits: string) => `${digits}${'0'.repeat(17)}`
      expect(statistics).toEqual([
        {
          row_group_id: '0',
          column: 'price',
          stats_min_value: decimals('-3600.0'),
          stats_max_value: `-32.33${'0'.repeat(16)}`,
          nulls: 0,
        },
        {
          row_group_id: '0',
          column: 'was_price',
          stats_min_value: decimals('-5.0'),
          stats_max_value: decimals('-5.0'),
          nulls: 32_668,
        },
        {
          row_group_id: '1',
          column: 'price',
          stats_min_value: decimals('-323.2'),
          stats_max_value: decimals('399.8'),
          nulls: 0,
        },
        {
          row_group_id: '1',
          column: 'was_price',
          stats_min_value: null,
          stats_max_value: null,
          nulls: 7232,
        },
      ])
      for (const [where, wanted] of [
        ['price < 0', 36_000],
        ['price > 399.75', 1],
        ['price = -3600', 1],
      ] as const)
        expect(await query(`SELECT count(*)::INT AS count FROM '${file}' WHERE ${where}`)).toEqual([
          { count: wanted },
        ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('of a release that knew no sides is read as one whose trades have none', async () => {
    expect((await archivedTrades(WITHOUT_SIDES)).map(spelled)).toEqual(
      [archivedTrade({ id: 1, tape: 'A' }), archivedTrade({ id: 2, place: 1 })].map(spelled),
    )
  })

  it('is read by the query of the page beside one that knew none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
    try {
      const hour = join(folder, 'date=2025-10-10', 'hour=14')
      mkdirSync(hour, { recursive: true })
      writeFileSync(join(hour, 'b.parquet'), WITHOUT_SIDES)
      const sided = archivedTrade({ symbol: 'AAPL', side: 'buy', sequenceNumber: '49601' })
      writeFileSync(join(hour, 'a.parquet'), encodeArchive([sided]))
      const sql = blockOf(readPage('docs/archive.md'), 'Read it with DuckDB', 'sql').replace('FOLDER', folder)
      expect(await query(sql)).toMatchObject([{ symbol: 'AAPL', trades: '1' }])
      const [, table = ''] = /FROM (\(SELECT DISTINCT .*\))/.exec(sql) ?? []
      expect(await query(`SELECT side, count(*) AS n FROM ${table} GROUP BY side ORDER BY side`)).toEqual([
        { side: 'buy', n: '1' },
        { side: null, n: '2' },
      ])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('says what it is when it is none', async () => {
    await expect(readArchive(Buffer.from('no parquet'))).rejects.toThrow(ArchiveError)
    const cut = encodeArchive([archivedTrade()]).subarray(0, 400)
    await expect(readArchive(cut)).rejects.toThrow(/no Parquet object of the archive/)
  })

  it('is exact for DuckDB: 18 decimals of 15 digits before the point, and nanoseconds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
    const file = join(folder, 'hour.parquet')
    try {
      const largest = { units: -999_999_999_999_999_999_999_999_999_999_999n, scale: 18 }
      const smallest = { units: 1, scale: 18 }
      writeFileSync(
        file,
        encodeArchive([
          archivedTrade({
            nanos: 123_456_789,
            price: largest,
            volume: smallest,
            id: Number.MAX_SAFE_INTEGER,
          }),
          archivedTrade({ type: 'cancel', price: undefined, volume: undefined, nanos: 5 }),
        ]),
      )
      expect(
        await query(
          `SELECT timestamp::VARCHAR AS timestamp, type, price::VARCHAR AS price, volume::VARCHAR AS volume, id, arrival::VARCHAR AS arrival FROM '${file}'`,
        ),
      ).toEqual([
        {
          timestamp: '2025-10-10 14:32:00.000000005',
          type: 'cancel',
          price: null,
          volume: null,
          id: null,
          arrival: '2025-10-10 14:32:01',
        },
        {
          timestamp: '2025-10-10 14:32:00.123456789',
          type: 'trade',
          price: '-999999999999999.999999999999999999',
          volume: '0.000000000000000001',
          id: '9007199254740991',
          arrival: '2025-10-10 14:32:01',
        },
      ])
      const types = await query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '${file}')`)
      expect(types).toEqual(
        expect.arrayContaining([
          { column_name: 'timestamp', column_type: 'TIMESTAMP_NS' },
          { column_name: 'price', column_type: 'DECIMAL(38,18)' },
          { column_name: 'was_volume', column_type: 'DECIMAL(38,18)' },
          { column_name: 'sequence_number', column_type: 'VARCHAR' },
        ]),
      )
      // Pruned by the smallest and largest of a row group, which must know of signs.
      expect(await query(`SELECT count(*) AS n FROM '${file}' WHERE price < -5`)).toEqual([{ n: '1' }])
      expect(await query(`SELECT count(*) AS n FROM '${file}' WHERE price > 5`)).toEqual([{ n: '0' }])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the key of an object', () => {
  it('is made of the hour and the records', () => {
    const span = { shard: 'shardId-000000000003', first: '496001', last: '496009' }
    expect(archiveKey(hourOf(1_760_106_735), span)).toBe(
      'ticks/date=2025-10-10/hour=14/shardId-000000000003-496001-496009.parquet',
    )
  })
})

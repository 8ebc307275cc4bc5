import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import type { BarRecord } from '../../../functions/shared/streams/records.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

const UNITS = 100_000_000n
const SYMBOLS = ['A', 'B/C', 'D']
/** The clocks of New York went forward on 9 March and back on 2 November 2025. */
const CHANGES = ['2025-03-08T22:00:00Z', '2025-11-01T22:00:00Z'].map((text) => Date.parse(text))
const SPAN = 'start=2025-03-01&end=2025-12-01'
const LENGTHS = {
  '1Min': 60,
  '5Min': 300,
  '15Min': 900,
  '30Min': 1800,
  '1Hour': 3600,
  '4Hour': 14_400,
  '1Day': 86_400,
}

const barsSchema = z.object({
  bars: z.record(z.string(), z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])))),
  next_page_token: z.string().nullable(),
})

const rowsSchema = z.array(z.record(z.string(), z.string().nullable()))

type Row = Readonly<Record<string, string | number | null>>

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const decimal = fc.bigInt({ min: 1n, max: 10n ** 12n })
const text = (units: bigint): string => {
  const digits = units.toString().padStart(9, '0')
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`.replace(/\.?0+$/, '')
}

const anyBar = fc
  .record({
    symbol: fc.constantFrom(...SYMBOLS),
    change: fc.constantFrom(...CHANGES),
    minute: fc.nat({ max: 3 * 1440 }),
    prices: fc.array(decimal, { minLength: 4, maxLength: 4 }),
    volume: fc.oneof(fc.constant(0n), decimal),
    trades: fc.integer({ min: 1, max: 1000 }),
    revision: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ symbol, change, minute, prices, volume, trades, revision }): BarRecord => {
    const [low = 0n, open = 0n, close = 0n, high = 0n] = prices.toSorted((a, b) => (a < b ? -1 : 1))
    const timestamp = new Date(change + minute * 60_000).toISOString().replace('.000Z', 'Z')
    return bar({
      symbol,
      timestamp,
      open: text(open),
      high: text(high),
      low: text(low),
      close: text(close),
      volume: text(volume),
      vwap: volume === 0n ? null : text(open),
      trade_count: trades,
      revision,
    })
  })

/** The same bars folded by DuckDB. Its division of decimals is binary: what is divided is handed out and done here. */
async function foldedByDuckDb(bars: readonly BarRecord[], seconds: number, zone: string) {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`SET TimeZone = 'UTC'; CREATE TABLE bars (symbol VARCHAR, time TIMESTAMPTZ, open DECIMAL(18, 8),
    high DECIMAL(18, 8), low DECIMAL(18, 8), close DECIMAL(18, 8), volume DECIMAL(18, 8), vwap DECIMAL(18, 8), n INTEGER, rev INTEGER)`)
  for (const each of bars)
    await connection.run('INSERT INTO bars VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
      each.symbol,
      each.timestamp,
      each.open,
      each.high,
      each.low,
      each.close,
      each.volume,
      each.vwap,
      each.trade_count,
      each.revision,
    ])
  const local = seconds > 3600 ? zone : 'UTC'
  const result = await connection.runAndReadAll(`
    SELECT symbol,
      strftime(time_bucket(INTERVAL '${seconds} seconds', time AT TIME ZONE '${local}', TIMESTAMP '2000-01-01') AT TIME ZONE '${local}', '%Y-%m-%dT%H:%M:%SZ') AS t,
      arg_min(open, time)::VARCHAR AS o, max(high)::VARCHAR AS h, min(low)::VARCHAR AS l, arg_max(close, time)::VARCHAR AS c,
      sum(volume)::VARCHAR AS v, sum(n)::VARCHAR AS n, (1 + sum(rev - 1))::VARCHAR AS rev,
      sum(vwap::DECIMAL(19, 8) * volume::DECIMAL(19, 8))::VARCHAR AS notional
    FROM bars GROUP BY ALL ORDER BY symbol, t`)
  connection.closeSync()
  return rowsSchema
    .parse(result.getRowObjects())
    .map(({ notional, ...row }): Row => ({ ...row, vw: rounded(notional ?? '0', row['v'] ?? '0') }))
}

function rounded(notional: string, volume: string): string | null {
  const [numerator, denominator] = [BigInt(notional.replace('.', '')), BigInt(volume.replace('.', ''))]
  if (denominator === 0n) return null
  // 16 decimals over 8 decimals gives 8.
  return text((2n * numerator + denominator) / (2n * denominator))
}

async function allPages(query: string): Promise<Row[]> {
  const rows: Row[] = []
  for (let token: string | null = ''; token !== null;) {
    const { status, json } = await api.get(`${query}${token === '' ? '' : `&page_token=${token}`}`)
    expect(status).toBe(200)
    const page = barsSchema.parse(json)
    for (const [symbol, bars] of Object.entries(page.bars))
      rows.push(...bars.map((each) => ({ symbol, ...each })))
    token = page.next_page_token
  }
  return rows
}

/** Decimals compared by value. */
const plain = (row: Row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === null
        ? null
        : /^\d+\.\d*$/.test(String(value))
          ? String(value).replace(/\.?0+$/, '')
          : String(value),
    ]),
  )

describe('bars of every timeframe, in both time zones, over both changes of the clocks', () => {
  it.each(Object.entries(LENGTHS))(
    'of %s are what DuckDB makes of the 1-minute bars, and pages are parts of them',
    async (timeframe, seconds) => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(anyBar, {
            minLength: 1,
            maxLength: 120,
            selector: (each) => `${each.symbol} ${each.timestamp}`,
          }),
          fc.constantFrom('UTC', 'America/New_York'),
          fc.integer({ min: 3, max: 50 }),
          async (bars, zone, limit) => {
            await api.server.as('owner', (client) =>
              client.query('TRUNCATE ohlcv_1min, bar_revisions, symbols'),
            )
            await api.write(bars)
            const query = `/v1/bars?symbols=${SYMBOLS.join(',')}&timeframe=${timeframe}&tz=${zone}&${SPAN}&numbers=string`
            const whole = await allPages(`${query}&limit=10000`)
            const expected = await foldedByDuckDb(bars, seconds, zone)
            expect(whole.map(plain)).toEqual(expected.map(plain))
            expect(await allPages(`${query}&limit=${limit}`)).toEqual(whole)
            const newestFirst = SYMBOLS.flatMap((symbol) =>
              whole.filter((row) => row['symbol'] === symbol).toReversed(),
            )
            expect(await allPages(`${query}&limit=${limit}&sort=desc`)).toEqual(newestFirst)
          },
        ),
        { numRuns: 10, endOnFailure: true },
      )
    },
  )
})

it('the unit of the oracle is that of the bars', () => {
  expect(text(15_025_000_000n)).toBe('150.25')
  expect(text(UNITS)).toBe('1')
})

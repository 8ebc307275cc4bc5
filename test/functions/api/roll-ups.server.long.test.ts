import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { addTrades, startBar } from '../../../functions/domain/bar-builder.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { barText } from '../../../functions/minute-state/bar-stream.ts'
import { type BarRecord, parseBarRecord } from '../../../functions/shared/streams/records.ts'
import { trade } from '../../support/trades.ts'
import { type ApiHarness, startApi } from './harness.ts'

const SYMBOLS = ['A', 'B/C', 'D']
/** The clocks of New York went forward on 9 March and back on 2 November 2025. */
const CHANGES = ['2025-03-08T22:00:00Z', '2025-11-01T22:00:00Z'].map((time) => Date.parse(time))
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
  bars: z.record(
    z.string(),
    z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  ),
  next_page_token: z.string().nullable(),
})

const wholeNumber = z.string().transform(BigInt)
const foldedSchema = z.array(
  z.object({
    symbol: z.string(),
    t: z.string(),
    o: wholeNumber,
    h: wholeNumber,
    l: wholeNumber,
    c: wholeNumber,
    v: wholeNumber,
    n: z.string(),
    notional: wholeNumber,
    rev: z.string(),
    complete: z.string().nullable(),
  }),
)

type Row = Readonly<Record<string, string | number | boolean | null>>

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  // Bars that were written now do not look as if they were filling.
  api.now = Date.now() + 3_600_000
})
afterAll(() => api.close())

/** Units of a price, and what volume it has. */
const anyTrade = fc.record({
  price: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  volume: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 10n ** 10n })),
})

const anyMinute = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  change: fc.constantFrom(...CHANGES),
  minute: fc.nat({ max: 3 * 1440 }),
  trades: fc.array(anyTrade, { minLength: 1, maxLength: 4 }),
  revision: fc.integer({ min: 1, max: 3 }),
  complete: fc.constantFrom(true, true, true, false, null),
})

type Minute = typeof anyMinute extends fc.Arbitrary<infer Value> ? Value : never

/** Decimals of all prices and of all volumes. */
type Scales = { readonly price: number; readonly volume: number }

const scales = fc.record({ price: fc.constantFrom(2, 8, 18), volume: fc.constantFrom(0, 8, 18) })

const startOf = ({ change, minute }: Minute): number => change / 1000 + minute * 60

/** The bar that the aggregator makes of a minute. */
function barOfMinute(given: Minute, { price: priceScale, volume: volumeScale }: Scales): BarRecord {
  const { symbol, trades, revision, complete } = given
  const seconds = startOf(given)
  const builder = startBar(seconds)
  const columns = tradesOf(
    trades.map(({ price, volume }) =>
      trade({ seconds, price: text(price, priceScale), volume: text(volume, volumeScale) }),
    ),
  )
  addTrades(builder, columns, { from: columns.from, to: columns.from + trades.length })
  const bar = barOf(symbol, { ...builder, revision }, { closedAt: 0 })
  return parseBarRecord(barText({ ...bar, complete }))
}

function text(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * The same trades folded by DuckDB, in whole units of 128 bits. It knows no division that rounds half up: what is divided
 * is handed out and done here.
 */
async function foldedByDuckDb(minutes: readonly Minute[], seconds: number, zone: string, unit: Scales) {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`SET TimeZone = 'UTC';
    CREATE TABLE minutes (symbol VARCHAR, time TIMESTAMPTZ, rev INTEGER, complete BOOLEAN);
    CREATE TABLE trades (symbol VARCHAR, time TIMESTAMPTZ, place INTEGER, price HUGEINT, volume HUGEINT)`)
  for (const minute of minutes) {
    const key = [minute.symbol, new Date(startOf(minute) * 1000).toISOString()]
    await connection.run('INSERT INTO minutes VALUES ($1, $2, $3, $4)', [
      ...key,
      minute.revision,
      minute.complete,
    ])
    for (const [place, { price, volume }] of minute.trades.entries())
      await connection.run('INSERT INTO trades VALUES ($1, $2, $3, $4, $5)', [...key, place, price, volume])
  }
  const local = seconds > 3600 ? zone : 'UTC'
  const start = `strftime(time_bucket(INTERVAL '${seconds} seconds', time AT TIME ZONE '${local}', TIMESTAMP '2000-01-01') AT TIME ZONE '${local}', '%Y-%m-%dT%H:%M:%SZ')`
  const result = await connection.runAndReadAll(`
    WITH sums AS (
      SELECT symbol, ${start} AS t, arg_min(price, (time, place))::VARCHAR AS o, max(price)::VARCHAR AS h,
        min(price)::VARCHAR AS l, arg_max(price, (time, place))::VARCHAR AS c, sum(volume)::VARCHAR AS v,
        count(*)::VARCHAR AS n, sum(price * volume)::VARCHAR AS notional
      FROM trades GROUP BY ALL
    ), states AS (
      SELECT symbol, ${start} AS t, sum(rev)::VARCHAR AS rev,
        CASE WHEN bool_or(complete = false) THEN 'false' WHEN count(complete) = count(*) THEN 'true' END AS complete
      FROM minutes GROUP BY ALL
    )
    SELECT * FROM sums JOIN states USING (symbol, t) ORDER BY symbol, t`)
  connection.closeSync()
  return foldedSchema.parse(result.getRowObjects()).map(({ o, h, l, c, v, notional, ...row }): Row => {
    const price = (units: bigint) => text(units, unit.price)
    return {
      ...row,
      o: price(o),
      h: price(h),
      l: price(l),
      c: price(c),
      v: text(v, unit.volume),
      notional: text(notional, unit.price + unit.volume),
      vw: v === 0n ? null : text(roundedHalfUp(notional * 10n ** 8n, v * 10n ** BigInt(unit.price)), 8),
    }
  })
}

function roundedHalfUp(dividend: bigint, divisor: bigint): bigint {
  const rest = (((2n * dividend + divisor) % (2n * divisor)) + 2n * divisor) % (2n * divisor)
  return (2n * dividend + divisor - rest) / (2n * divisor)
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

/** Every value as text. */
const plain = (row: Row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  )

describe('bars of every timeframe, in both time zones, over both changes of the clocks', () => {
  it.each(Object.entries(LENGTHS))(
    'of %s are what DuckDB makes of the trades, and pages are parts of them',
    async (timeframe, seconds) => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(anyMinute, {
            minLength: 1,
            maxLength: 60,
            selector: (each) => `${each.symbol} ${startOf(each)}`,
          }),
          scales,
          fc.constantFrom('UTC', 'America/New_York'),
          fc.integer({ min: 3, max: 50 }),
          async (minutes, unit, zone, limit) => {
            await api.server.as('owner', (client) =>
              client.query('TRUNCATE ohlcv_1min, bar_revisions, symbols'),
            )
            await api.write(minutes.map((minute) => barOfMinute(minute, unit)))
            const query = `/v1/bars?symbols=${SYMBOLS.join(',')}&timeframe=${timeframe}&tz=${zone}&${SPAN}&numbers=string`
            const whole = await allPages(`${query}&limit=10000`)
            const expected = await foldedByDuckDb(minutes, seconds, zone, unit)
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

it('the decimals of the oracle are those of the bars', () => {
  expect(text(15_025_000_000n, 8)).toBe('150.25')
  expect(text(-1n, 18)).toBe('-0.000000000000000001')
  expect(text(roundedHalfUp(-3n, 2n), 0)).toBe('-1')
})

import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { addTrades, startBar } from '../../../functions/domain/bar-builder.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { barText } from '../../../functions/minute-state/bar-stream.ts'
import { type BarRecord, parseBarRecord } from '../../../functions/shared/streams/records.ts'
import { trade } from '../../support/trades.ts'
import { type ApiHarness, startApi } from './harness.ts'

const SYMBOLS = ['A', 'B/C', 'D']
const SPAN = 'start=2017-12-01&end=2019-02-01'
/** Zones, and days of 2018 around which their clocks were changed: at night, at midnight, by half an hour, by two. */
const CHANGES = {
  UTC: ['2018-07-01'],
  'America/New_York': ['2018-03-11', '2018-11-04'],
  'Europe/London': ['2018-03-25', '2018-10-28'],
  'America/Sao_Paulo': ['2018-02-18', '2018-11-04'],
  'America/Havana': ['2018-03-11', '2018-11-04'],
  'Australia/Lord_Howe': ['2018-04-01', '2018-10-07'],
  'Asia/Tehran': ['2018-03-22', '2018-09-22'],
  'Antarctica/Troll': ['2018-03-25', '2018-10-28'],
  'Asia/Kathmandu': ['2018-07-01'],
  'Pacific/Chatham': ['2018-04-01', '2018-09-30'],
}
/** Timeframes, as the bars of DuckDB are cut: so many minutes from midnight, or where the clock shows a text. */
const minutesOf = (count: number) => ({
  timeframe: `${count}Min`,
  minutes: count,
  clock: "date_trunc('day', shown)",
})
const hoursOf = (count: number) => ({
  timeframe: `${count}Hour`,
  minutes: count === 1 ? 60 : undefined,
  clock:
    count === 1
      ? "date_trunc('day', shown)"
      : `date_trunc('day', shown) + to_hours((hour(shown) // ${count}) * ${count})`,
})
const monthsOf = (count: number) => ({
  timeframe: `${count}Month`,
  minutes: undefined,
  clock: `make_date(year(shown), ((month(shown) - 1) // ${count}) * ${count} + 1, 1)`,
})
const oneOf = (unit: string) => ({
  timeframe: `1${unit}`,
  minutes: undefined,
  clock: `date_trunc('${unit}', shown)`,
})
const TIMEFRAMES = {
  'any number of minutes': fc.integer({ min: 1, max: 59 }).map(minutesOf),
  'any number of hours': fc.integer({ min: 1, max: 23 }).map(hoursOf),
  'a day': fc.constant(oneOf('Day')),
  'a week': fc.constant(oneOf('Week')),
  'any number of months': fc.constantFrom(1, 2, 3, 4, 6, 12).map(monthsOf),
}
/** Markets that open in the evening before, early, twice a day, or not on a Monday; by name. */
const MARKETS = {
  XNYS: 'XNYS',
  CMES: 'CMES',
  twice: 'Asia/Tokyo Tue-Sat 09:00-11:30,12:31-15:30; closed 2018-12-31; 2018-07-03 09:00-10:00',
}
type Cut = ReturnType<typeof minutesOf | typeof hoursOf>

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
const markets = new Map<string, ApiHarness>()

beforeAll(async () => {
  api = await startApi()
  for (const [name, hours] of Object.entries(MARKETS))
    markets.set(name, await startApi({ server: api.server, tradingHours: parseTradingHours(hours) }))
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
  change: fc.nat({ max: 2 }),
  minute: fc.integer({ min: -2 * 1440, max: 2 * 1440 }),
  trades: fc.array(anyTrade, { minLength: 1, maxLength: 4 }),
  revision: fc.integer({ min: 1, max: 3 }),
  complete: fc.constantFrom(true, true, true, false, null),
})

type Minute = typeof anyMinute extends fc.Arbitrary<infer Value> ? Value : never

/** Decimals of all prices and of all volumes. */
type Scales = { readonly price: number; readonly volume: number }

const scales = fc.record({ price: fc.constantFrom(2, 8, 18), volume: fc.constantFrom(0, 8, 18) })

type Timed = Omit<Minute, 'change' | 'minute'> & { readonly start: number }

/** Minutes about the changes of a zone's clocks and the end of the year. */
const timed = (minutes: readonly Minute[], changes: readonly string[]): readonly Timed[] => {
  const days = [...changes, '2018-12-31', '2018-02-28']
  const found = minutes.map(({ change, minute, ...rest }) => ({
    ...rest,
    start: Date.parse(days[change] ?? '2018-02-28') / 1000 + minute * 60,
  }))
  return [...new Map(found.map((each) => [`${each.symbol} ${each.start}`, each])).values()]
}

/** The bar that the aggregator makes of a minute. */
function barOfMinute(given: Timed, { price: priceScale, volume: volumeScale }: Scales): BarRecord {
  const { symbol, trades, revision, complete, start: seconds } = given
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
async function foldedByDuckDb(
  minutes: readonly Timed[],
  {
    cut,
    zone,
    unit,
    market,
  }: { readonly cut: Cut; readonly zone: string; readonly unit: Scales; readonly market?: string },
) {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`SET TimeZone = 'UTC';
    CREATE TABLE minutes (symbol VARCHAR, time TIMESTAMPTZ, rev INTEGER, complete BOOLEAN);
    CREATE TABLE trades (symbol VARCHAR, time TIMESTAMPTZ, place INTEGER, price HUGEINT, volume HUGEINT)`)
  for (const minute of minutes) {
    const key = [minute.symbol, new Date(minute.start * 1000).toISOString()]
    await connection.run('INSERT INTO minutes VALUES ($1, $2, $3, $4)', [
      ...key,
      minute.revision,
      minute.complete,
    ])
    for (const [place, { price, volume }] of minute.trades.entries())
      await connection.run('INSERT INTO trades VALUES ($1, $2, $3, $4, $5)', [...key, place, price, volume])
  }
  // What the clock has shown at most, so that it never goes back; it changes on whole quarters of an hour.
  await connection.run(`
    CREATE TABLE bars AS SELECT quarter, min(quarter) OVER (PARTITION BY ${cut.clock}) AS start FROM (
      SELECT quarter, max(quarter AT TIME ZONE '${zone}') OVER (ORDER BY quarter) AS shown
      FROM generate_series(TIMESTAMPTZ '2016-12-01 00:00:00Z', TIMESTAMPTZ '2019-03-01 00:00:00Z', INTERVAL 15 MINUTE) AS clock (quarter))`)
  if (market !== undefined) await connection.run(sessionsOf(market, cut))
  const begin =
    cut.minutes === undefined ? 'start' : `time_bucket(INTERVAL '${cut.minutes} minutes', time, start)`
  const bar =
    market === undefined
      ? `SELECT ${begin} FROM bars WHERE quarter = time_bucket(INTERVAL 15 MINUTE, time)`
      : `SELECT ${begin} FROM sessions WHERE time >= opens AND time < closes`
  const start = `strftime((${bar}), '%Y-%m-%dT%H:%M:%SZ')`
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
    SELECT * FROM sums JOIN states USING (symbol, t) WHERE t IS NOT NULL ORDER BY symbol, t`)
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

/** SQL for the openings of a market, each with the start of its bar; those of the calendar are checked by themselves. */
function sessionsOf(market: string, cut: Cut): string {
  const [group] = parseTradingHours(market).groups
  if (group?.hours.type !== 'hours') throw new Error(`${market} has no hours`)
  const rows: string[] = []
  for (let day = 17_100; day < 18_000; day++)
    for (const { from, until } of group.hours.calendar.windowsOf(day, 'regular')) {
      const times = [from, until].map((time) => `TIMESTAMPTZ '${new Date(time * 1000).toISOString()}'`)
      rows.push(`(TIMESTAMP '${new Date(day * 86_400_000).toISOString().slice(0, 10)}', ${times.join(', ')})`)
    }
  const start = cut.minutes === undefined ? `min(opens) OVER (PARTITION BY ${cut.clock})` : 'opens'
  return `
    CREATE TABLE sessions AS SELECT opens, closes, ${start} AS start
    FROM (VALUES ${rows.join(', ')}) AS session (shown, opens, closes)`
}

/** Hours of a market are counted from its opening. */
const fromTheOpen = (cut: Cut): Cut => {
  const [, hours] = /^(\d+)Hour$/.exec(cut.timeframe) ?? []
  return hours === undefined ? cut : { ...cut, minutes: 60 * Number(hours) }
}

function roundedHalfUp(dividend: bigint, divisor: bigint): bigint {
  const rest = (((2n * dividend + divisor) % (2n * divisor)) + 2n * divisor) % (2n * divisor)
  return (2n * dividend + divisor - rest) / (2n * divisor)
}

async function allPages(query: string, from = api): Promise<Row[]> {
  const rows: Row[] = []
  for (let token: string | null = ''; token !== null;) {
    const { status, json } = await from.get(`${query}${token === '' ? '' : `&page_token=${token}`}`)
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

describe('bars over changes of the clocks, in any time zone', () => {
  it.each(Object.entries(TIMEFRAMES))(
    'of %s are what DuckDB makes of the trades, and pages are parts of them',
    async (_, cuts) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyMinute, { minLength: 1, maxLength: 60 }),
          cuts,
          fc.constantFrom(...Object.entries(CHANGES)),
          scales,
          fc.integer({ min: 3, max: 50 }),
          async (given, cut, [zone, changes], unit, limit) => {
            const minutes = timed(given, changes)
            await api.server.as('owner', (client) =>
              client.query('TRUNCATE ohlcv_1min, bar_revisions, symbols'),
            )
            await api.write(minutes.map((minute) => barOfMinute(minute, unit)))
            const query = `/v1/bars?symbols=${SYMBOLS.join(',')}&timeframe=${cut.timeframe}&tz=${zone}&${SPAN}&numbers=string`
            const all = await allPages(`${query}&limit=10000`)
            const expected = await foldedByDuckDb(minutes, { cut, zone, unit })
            expect(all.map(plain)).toEqual(expected.map(plain))
            expect(await allPages(`${query}&limit=${limit}`)).toEqual(all)
            const newestFirst = SYMBOLS.flatMap((symbol) =>
              all.filter((row) => row['symbol'] === symbol).toReversed(),
            )
            expect(await allPages(`${query}&limit=${limit}&sort=desc`)).toEqual(newestFirst)
          },
        ),
        { numRuns: 15, endOnFailure: true },
      )
    },
  )
})

describe("bars of a market's hours", () => {
  it.each(Object.entries(TIMEFRAMES))(
    'of %s are what DuckDB makes of the trades in them, and pages are parts of them',
    async (_, cuts) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyMinute, { minLength: 1, maxLength: 60 }),
          cuts,
          fc.constantFrom(...Object.entries(MARKETS)),
          scales,
          fc.integer({ min: 3, max: 50 }),
          async (given, anyCut, [name, market], unit, limit) => {
            const cut = fromTheOpen(anyCut)
            const minutes = timed(given, CHANGES['America/New_York'])
            await api.server.as('owner', (client) =>
              client.query('TRUNCATE ohlcv_1min, bar_revisions, symbols'),
            )
            await api.write(minutes.map((minute) => barOfMinute(minute, unit)))
            const from = markets.get(name)
            if (from === undefined) throw new Error(name)
            from.now = api.now
            const query = `/v1/bars?symbols=${SYMBOLS.join(',')}&timeframe=${cut.timeframe}&session=regular&${SPAN}&numbers=string`
            const all = await allPages(`${query}&limit=10000`, from)
            const expected = await foldedByDuckDb(minutes, { cut, zone: 'UTC', unit, market })
            expect(all.map(plain)).toEqual(expected.map(plain))
            expect(await allPages(`${query}&limit=${limit}`, from)).toEqual(all)
          },
        ),
        { numRuns: 12, endOnFailure: true },
      )
    },
  )
})

it('the decimals of the oracle are those of the bars', () => {
  expect(text(15_025_000_000n, 8)).toBe('150.25')
  expect(text(-1n, 18)).toBe('-0.000000000000000001')
  expect(text(roundedHalfUp(-3n, 2n), 0)).toBe('-1')
})

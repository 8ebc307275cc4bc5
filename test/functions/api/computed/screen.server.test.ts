import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTradingHours } from '../../../../functions/shared/runtime/trading-hours.ts'
import { readGolden } from '../../../support/golden.ts'
import { bar } from '../../bar-writer/bars.ts'
import { type ApiHarness, NOW, startApi } from '../harness.ts'
import { minutesOf, minuteText, weekdays } from './golden-bars.ts'

const golden = readGolden()
const HOUR = 3_600_000

/** A way of cutting bars: where they begin and end, and how a request asks for them. */
const CUTS = {
  'seven minutes': {
    symbol: 'SEVEN',
    query: { timeframe: '7Min' },
    bars: Array.from({ length: 600 }, (_, index) => {
      const start = Date.parse('2025-11-03') + Math.floor(index / 206) * 24 * HOUR + (index % 206) * 420_000
      return { start, end: index % 206 === 205 ? start + 300_000 : start + 420_000 }
    }),
  },
  'hours of a session': {
    symbol: 'HOUR',
    query: { timeframe: '1Hour', session: 'regular' },
    bars: weekdays('2025-10-01', 23).flatMap((day) =>
      Array.from({ length: 7 }, (_, index) => {
        const start = day + 13.5 * HOUR + index * HOUR
        return { start, end: index === 6 ? start + HOUR / 2 : start + HOUR }
      }),
    ),
  },
  'days of New York': {
    symbol: 'DAY',
    query: { timeframe: '1Day', tz: 'America/New_York' },
    bars: weekdays('2025-08-25', 48).map((day) => ({ start: day + 4 * HOUR, end: day + 28 * HOUR })),
  },
} as const
/** Bars before it are those that all values need. */
const FIRST = 25
const NAMES = Object.keys(CUTS).filter((name): name is keyof typeof CUTS => name in CUTS)

let api: ApiHarness

beforeAll(async () => {
  api = await startApi({
    tradingHours: parseTradingHours('{"NONE":"off","*":"XNYS"}'),
    indicators: 'rsi(14) sma(20) obv',
  })
  for (const { symbol, bars } of Object.values(CUTS))
    await api.write(
      bars.flatMap(({ start }, index) => {
        const found = golden[index]
        return found === undefined ? [] : minutesOf(symbol, start, { bar: found.bar, later: 3 })
      }),
    )
  // They were written when their minutes were over.
  await api.server.as('owner', (client) =>
    client.query(`UPDATE ohlcv_1min SET written_at = timestamp + interval '1 minute'`),
  )
})
afterAll(() => api.close())
afterEach(() => {
  api.now = NOW
  api.tick = 0
})

async function get(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const { status, json } = await api.get(`${path}?${new URLSearchParams(parameters).toString()}`)
  expect([status, json]).toMatchObject([200, {}])
  return json
}

const screenSchema = z.object({
  matches: z.array(
    z.object({
      symbol: z.string(),
      t: z.string(),
      values: z.record(z.string(), z.string()),
      patterns: z.array(z.string()),
    }),
  ),
  screened: z.number(),
})

async function screen(parameters: Readonly<Record<string, string>>) {
  return screenSchema.parse(await get('/v1/screen', { numbers: 'string', ...parameters }))
}

const indicatorsSchema = z.object({
  indicators: z.array(z.object({ t: z.string(), values: z.record(z.string(), z.string()) })),
})
const barsSchema = z.object({ bars: z.array(z.object({ t: z.string(), c: z.string() })) })

/** The close and the values of the bar that begins at a time, as the other endpoints give them. */
async function expectedAt(name: keyof typeof CUTS, start: number) {
  const { symbol, query } = CUTS[name]
  const span = { ...query, start: minuteText(start), end: minuteText(start), numbers: 'string' }
  const { bars } = barsSchema.parse(await get(`/v1/bars/${symbol}`, span))
  const { indicators } = indicatorsSchema.parse(
    await get(`/v1/indicators/${symbol}`, { ...span, names: 'rsi_14,sma_20', form: 'wide' }),
  )
  return new Map(Object.entries({ close: bars[0]?.c, ...indicators[0]?.values }))
}

describe.each(NAMES)('a screen of bars of %s', (name) => {
  const { symbol, query, bars } = CUTS[name]
  // Far enough behind the first one for all values, and up to the last one.
  const times = fc.integer({ min: bars[FIRST]?.start ?? 0, max: (bars.at(-1)?.end ?? 0) + 3 * HOUR })

  it('is of the last bar that was over, with the very values that the other endpoints give', async () => {
    const property = fc.asyncProperty(times, async (at) => {
      const last = bars.findLastIndex(({ end }) => end <= at)
      const [before, newest] = [bars[last - 1]?.start ?? 0, bars[last]?.start ?? 0]
      const asked = { ...query, symbols: symbol, at: new Date(at).toISOString() }
      const values = await expectedAt(name, newest)
      const { matches } = await screen({ ...asked, where: 'rsi_14 > 0 or sma_20 > 0 or close > 0' })
      expect(matches).toEqual([
        { symbol, t: minuteText(newest), values: Object.fromEntries(values), patterns: [] },
      ])
      const earlier = await expectedAt(name, before)
      const isAbove = Number(values.get('close')) > Number(values.get('sma_20'))
      const wasAbove = Number(earlier.get('close')) > Number(earlier.get('sma_20'))
      const crossed = await screen({ ...asked, where: 'close crosses above sma_20' })
      expect(crossed.matches.length).toBe(isAbove && !wasAbove ? 1 : 0)
    })
    await fc.assert(property, { numRuns: 10 })
  })

  it('finds the patterns that /v1/patterns finds', async () => {
    const [first, end] = [bars[FIRST]?.start ?? 0, bars.at(-1)?.end ?? 0]
    const page = await get('/v1/patterns', {
      ...query,
      symbols: symbol,
      start: minuteText(first),
      end: minuteText(end),
      limit: '20',
    })
    const { patterns } = z
      .object({ patterns: z.array(z.object({ t: z.string(), type: z.string() })) })
      .parse(page)
    expect(patterns.length).toBeGreaterThan(0)
    for (const { t, type } of patterns.slice(0, 8)) {
      const of = bars.find(({ start }) => minuteText(start) === t)
      const at = new Date(of?.end ?? 0).toISOString()
      const found = await screen({ ...query, symbols: symbol, at, where: type })
      expect(found.matches).toMatchObject([{ symbol, t, patterns: [type] }])
    }
  })
})

describe('a screen of another timeframe', () => {
  it('is of all symbols, in order, with those that have no such bar left out', async () => {
    await api.write([bar({ symbol: 'NEW', timestamp: '2025-11-05T20:59:00Z', close: '1', low: '1' })])
    const day = { timeframe: '1Day', at: '2025-11-05T22:00:00Z' }
    const { matches, screened } = await screen({ ...day, where: 'close > 0' })
    expect(matches.map(({ symbol }) => symbol)).toEqual(['DAY', 'HOUR', 'SEVEN'])
    // The day of the new one is not over, and it has none before.
    expect(screened).toBe(4)
  })

  it('of months has the two that are over, though the newest has begun', async () => {
    const closes = { '2025-09-15': '10', '2025-10-15': '20', '2025-11-03': '30' }
    await api.write(
      Object.entries(closes).map(([day, close]) =>
        bar({ symbol: 'MONTH', timestamp: `${day}T15:00:00Z`, open: close, high: close, low: close, close }),
      ),
    )
    await api.server.as('owner', (client) =>
      client.query(
        `UPDATE ohlcv_1min SET written_at = timestamp + interval '1 minute' WHERE symbol = 'MONTH'`,
      ),
    )
    const asked = { timeframe: '1Month', symbols: 'MONTH', at: '2025-11-10T12:00:00Z' }
    const { matches } = await screen({ ...asked, where: 'close crosses above 15' })
    expect(matches).toMatchObject([{ symbol: 'MONTH', t: '2025-10-01T00:00:00Z', values: { close: '20' } }])
    expect((await screen({ ...asked, where: 'close crosses above 25' })).matches).toEqual([])
  })

  it.each([
    [
      { timeframe: '1Hour', where: 'obv > 0' },
      /timeframe is "1Hour"; allowed: 1Min, of all hours, where obv/,
    ],
    [{ timeframe: '9Day', where: 'doji' }, /timeframe is "9Day"; allowed: 1Min to 59Min/],
    [{ session: 'regular', symbols: 'NONE', where: 'doji' }, /no hours are known of NONE/],
    [{ tz: 'Mars', where: 'doji' }, /tz is "Mars"/],
  ])('refuses %j', async (parameters, detail) => {
    await api.write([bar({ symbol: 'NONE' })])
    const { json } = await api.get(`/v1/screen?${new URLSearchParams(parameters).toString()}`)
    expect(json).toMatchObject({ status: 400, detail: expect.stringMatching(detail) })
  })

  it('is given up after its time, and says how far it came', async () => {
    api.tick = 1500
    const query = new URLSearchParams({ timeframe: '1Hour', where: 'sma_20 > 0' })
    const { status, json } = await api.get(`/v1/screen?${query.toString()}`)
    expect([status, json]).toMatchObject([
      503,
      { detail: expect.stringMatching(/^The bars of \d of \d symbols took more than 10 s to read: ask/) },
    ])
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

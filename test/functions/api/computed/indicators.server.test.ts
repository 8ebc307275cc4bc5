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
/** Starts of bars: of any number of minutes, of the hours of New York's market, of its days over a change of its clocks. */
const STARTS = {
  // Counted from midnight: the last of a day is shorter.
  SEVEN: Array.from(
    { length: 600 },
    (_, index) => Date.parse('2025-11-03') + Math.floor(index / 206) * 24 * HOUR + (index % 206) * 7 * 60_000,
  ),
  HOUR: weekdays('2025-10-01', 23).flatMap((day) =>
    Array.from({ length: 7 }, (_, index) => day + 13.5 * HOUR + index * HOUR),
  ),
  // New York's midnight, which is an hour later once its clocks are put back.
  DAY: weekdays('2025-09-02', 48).map((day) => day + (day < Date.parse('2025-11-02') ? 4 : 5) * HOUR),
} as const
/** How far into a bar its first minute is. */
const OFFSETS = { SEVEN: 0, HOUR: 0, DAY: 10.5 * HOUR }
const QUERIES = {
  SEVEN: 'timeframe=7Min&start=2025-11-03&end=2025-11-08',
  HOUR: 'timeframe=1Hour&session=regular&start=2025-10-01&end=2025-11-01',
  DAY: 'timeframe=1Day&tz=America/New_York&start=2025-09-01&end=2025-11-08',
} as const
const COLUMNS: Readonly<Record<string, string>> = {
  SMA14: 'sma_14',
  EMA14: 'ema_14',
  RSI14: 'rsi_14',
  MACDSIGNAL: 'macd_signal_12_26_9',
  BBUPPER: 'bollinger_upper_20_2',
  ATR14: 'atr_14',
  ADX14: 'adx_14',
  STOCHK: 'stochastic_k_14_3_3',
  OBV: 'obv',
}
const SYMBOLS = ['SEVEN', 'HOUR', 'DAY'] as const

let api: ApiHarness

beforeAll(async () => {
  api = await startApi({ tradingHours: parseTradingHours('XNYS') })
  for (const symbol of SYMBOLS)
    await api.write(
      STARTS[symbol].flatMap((start, index) => {
        const found = golden[index]
        return found === undefined
          ? []
          : minutesOf(symbol, start + OFFSETS[symbol], { bar: found.bar, later: 3 })
      }),
    )
  // Before the open, of another hour and day: no part of a bar of the regular hours.
  await api.write([bar({ symbol: 'HOUR', timestamp: '2025-10-08T12:00:00Z', close: '1', low: '1' })])
})
afterAll(() => api.close())
afterEach(() => {
  api.now = NOW
  api.tick = 0
})

const pageSchema = z.object({
  indicators: z.array(
    z.object({ t: z.string(), values: z.record(z.string(), z.number()), calculated_at: z.null() }),
  ),
  next_page_token: z.string().nullable(),
})

async function pagesOf(target: string) {
  const pages: z.infer<typeof pageSchema>['indicators'][] = []
  for (let token: string | null = ''; token !== null;) {
    const { status, json } = await api.get(`${target}${token === '' ? '' : `&page_token=${token}`}`)
    expect([status, json]).toMatchObject([200, {}])
    const page = pageSchema.parse(json)
    pages.push(page.indicators)
    token = page.next_page_token
  }
  return pages
}

const of = (symbol: keyof typeof QUERIES, names: string) =>
  `/v1/indicators/${symbol}?form=wide&${QUERIES[symbol]}&names=${names}`

describe.each(SYMBOLS)('the indicators of bars of %s', (symbol) => {
  it('are those of TA-Lib over the same bars, from the first value on', async () => {
    const names = Object.values(COLUMNS).join(',')
    const rows = (await pagesOf(`${of(symbol, names)}&limit=10000`)).flat()
    const byTime = new Map(rows.map(({ t, values }) => [t, values]))
    expect(rows.length).toBe(STARTS[symbol].length)
    for (const [index, start] of STARTS[symbol].entries()) {
      const values = byTime.get(minuteText(start))
      for (const [column, name] of Object.entries(COLUMNS)) {
        const expected = golden[index]?.talib[column]
        const found = values?.[name]
        if (expected === undefined || found === undefined)
          expect([name, index, found]).toEqual([name, index, expected])
        else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected || 1))
      }
    }
  })
})

describe('pages of indicators of a timeframe', () => {
  // Of few bars each, so that there are many blocks.
  const NAMES = ['sma_3', 'ema_3', 'bollinger_upper_3_2', 'rsi_2', 'vwap', 'macd_histogram_2_3_2', 'obv']

  it('have the values of one page in every digit, whatever the limit, order, names and begin', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(NAMES, { minLength: 1 }),
        fc.integer({ min: 40, max: 601 }),
        fc.integer({ min: 0, max: 599 }),
        fc.constantFrom('asc', 'desc'),
        async (names, limit, from, sort) => {
          const target = of('SEVEN', names.join(','))
          const whole = (await pagesOf(`${target}&limit=10000`)).flat()
          const start = minuteText(STARTS.SEVEN[from] ?? 0)
          const part = target.replace('start=2025-11-03', `start=${start}`)
          const pages = await pagesOf(`${part}&limit=${limit}&sort=${sort}`)
          const rows = sort === 'asc' ? pages.flat() : pages.flat().toReversed()
          expect(rows).toEqual(whole.filter(({ t }) => t >= start))
          expect(rows.length).toBeGreaterThanOrEqual(Math.min(1, 598 - from))
          expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit)
        },
      ),
      { numRuns: 12 },
    )
  })
})

describe('indicators of a timeframe', () => {
  it('are not there for a bar that is filling', async () => {
    const start = STARTS.SEVEN[100] ?? 0
    const target = `/v1/indicators/SEVEN?form=wide&names=sma_3&timeframe=7Min&start=2025-11-03&end=${minuteText(start)}`
    const last = async (now: number) => {
      api.now = now
      return (await pagesOf(target)).flat().at(-1)?.t
    }
    expect(await last(start + 7 * 60_000)).toBe(minuteText(start))
    expect(await last(start + 7 * 60_000 - 1)).toBe(minuteText(start - 7 * 60_000))
  })

  it('are given for the newest bar of symbols', async () => {
    const { json } = await api.get(
      '/v1/indicators/latest?symbols=SEVEN,DAY,NONE&names=sma_14&form=wide&timeframe=7Min',
    )
    const last = golden[STARTS.SEVEN.length - 1]
    expect(json).toMatchObject({
      indicators: {
        SEVEN: [{ t: minuteText(STARTS.SEVEN.at(-1) ?? 0), values: { sma_14: last?.talib['SMA14'] } }],
        DAY: [{}],
      },
    })
  })

  it('come without obv where nobody names it, and with the columns of the config', async () => {
    const { body } = await api.get(`/v1/indicators/SEVEN?form=wide&${QUERIES.SEVEN}&limit=1&format=csv`)
    expect(body.split('\n')[0]).toBe('symbol,t,rsi_14,sma_20,rev,calculated_at')
  })

  it.each([
    ['SEVEN?timeframe=7Min&names=sma_1', /names is "sma_1"; allowed: .*from 2 to 500/],
    ['SEVEN?timeframe=7Min&names=sma', /names is "sma"/],
    ['SEVEN?timeframe=7Min&names=sma_020', /names is "sma_020"/],
    ['SEVEN?timeframe=8Day', /timeframe is "8Day"/],
    ['latest?timeframe=1Day&symbols=A,B,C,D,E,F,G,H,I,J,K', /symbols is .* 1 to 10 symbols/],
  ])('refuse %s', async (path, detail) => {
    expect((await api.get(`/v1/indicators/${path}`)).json).toMatchObject({
      status: 400,
      detail: expect.stringMatching(detail),
    })
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

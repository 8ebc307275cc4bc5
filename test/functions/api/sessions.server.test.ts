import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

const known = { notional: '150', volume: '1', vwap: '150', trade_count: 1, complete: true }
const minutes = (symbol: string, times: readonly string[]) =>
  times.map((time) => bar({ symbol, timestamp: `2025-11-${time}:00Z`, ...known }))

beforeAll(async () => {
  api = await startApi({
    tradingHours: parseTradingHours('{"ES*":"CMES","BTC/USD":"always","OTC":"off","*":"XNYS"}'),
  })
  await api.write([
    // Before the open, at it, in the last half hour and after it; then the Friday after Thanksgiving, which ends early.
    ...minutes('AAPL', [
      '26T13:00',
      '26T14:29',
      '26T14:30',
      '26T15:29',
      '26T15:30',
      '26T20:59',
      '26T21:00',
      '27T01:00',
    ]),
    ...minutes('AAPL', ['28T17:59', '28T18:00', '28T21:59', '28T22:00']),
    ...minutes('ESZ5', ['09T22:59', '09T23:00', '10T21:59', '10T22:30', '10T23:00']),
    ...minutes('BTC/USD', ['29T12:00', '30T12:00']),
  ])
  api.now = Date.now() + 3_600_000
})
afterAll(() => api.close())

const barsSchema = z.object({ bars: z.array(z.object({ t: z.string(), n: z.number() })) })

/** Starts of bars with the minutes in each. */
async function barsOf(symbol: string, query: string): Promise<readonly string[]> {
  const { json } = await api.get(`/v1/bars/${symbol}?start=2025-11-01&end=2025-12-01&${query}`)
  return barsSchema.parse(json).bars.map(({ t, n }) => `${t.slice(8, 16)} ${n}`)
}

describe('bars of the regular hours', () => {
  it('of hours are counted from the open, and the last one is shorter', async () => {
    expect(await barsOf('AAPL', 'session=regular&timeframe=1Hour')).toEqual([
      '26T14:30 2',
      '26T15:30 1',
      '26T20:30 1',
      '28T17:30 1',
    ])
    expect(await barsOf('AAPL', 'session=regular&timeframe=4Hour')).toEqual([
      '26T14:30 3',
      '26T18:30 1',
      '28T14:30 1',
    ])
  })

  it('of minutes leave out what is before the open and after the close', async () => {
    expect(await barsOf('AAPL', 'session=regular&timeframe=1Min')).toEqual([
      '26T14:30 1',
      '26T15:29 1',
      '26T15:30 1',
      '26T20:59 1',
      '28T17:59 1',
    ])
  })

  it('of days begin at the open, in the evening before where a market opens then', async () => {
    expect(await barsOf('AAPL', 'session=regular&timeframe=1Day')).toEqual(['26T14:30 4', '28T14:30 1'])
    expect(await barsOf('ESZ5', 'session=regular&timeframe=1Day')).toEqual(['09T23:00 2', '10T23:00 1'])
  })

  it.each(['1Week', '1Month', '12Month'])('of %s begin at the first open in them', async (timeframe) => {
    const { json } = await api.get(
      `/v1/bars/AAPL?session=regular&timeframe=${timeframe}&start=2025-01-01&sort=desc`,
    )
    const first = {
      '1Week': '2025-11-24T14:30:00Z',
      '1Month': '2025-11-03T14:30:00Z',
      '12Month': '2025-01-02T14:30:00Z',
    }
    expect(json).toMatchObject({
      bars: [{ t: new Map(Object.entries(first)).get(timeframe), n: 5, complete: true }],
    })
  })
})

describe('bars of the extended hours', () => {
  it('have those before the open and after the close, which end early where the regular ones do', async () => {
    expect(await barsOf('AAPL', 'session=extended&timeframe=1Day')).toEqual(['26T09:00 7', '28T09:00 3'])
  })
})

describe('bars of several symbols', () => {
  it('are each of the hours of their market, page by page', async () => {
    const query =
      '/v1/bars?symbols=AAPL,BTC/USD,ESZ5&session=regular&timeframe=1Day&start=2025-11-01&end=2025-12-01'
    const pageSchema = z.object({
      bars: z.record(z.string(), z.array(z.object({ t: z.string() }))),
      next_page_token: z.string().nullable(),
    })
    const found: string[] = []
    for (let token: string | null = ''; token !== null;) {
      const { json } = await api.get(`${query}&limit=2${token === '' ? '' : `&page_token=${token}`}`)
      const page = pageSchema.parse(json)
      for (const [symbol, bars] of Object.entries(page.bars))
        found.push(...bars.map(({ t }) => `${symbol} ${t.slice(8, 16)}`))
      token = page.next_page_token
    }
    expect(found).toEqual([
      'AAPL 26T14:30',
      'AAPL 28T14:30',
      'BTC/USD 29T00:00',
      'BTC/USD 30T00:00',
      'ESZ5 09T23:00',
      'ESZ5 10T23:00',
    ])
  })

  it('are refused where a symbol has no hours', async () => {
    const { status, json } = await api.get('/v1/bars?symbols=AAPL,OTC&session=regular')
    expect(status).toBe(400)
    expect(json).toMatchObject({
      detail:
        'session is "regular"; allowed: all: no hours are known of OTC; the config key tradingHours tells them',
    })
  })
})

it('a day fills until the close', async () => {
  api.now = Date.parse('2025-11-28T17:00:00Z')
  const { json } = await api.get('/v1/bars/AAPL?session=regular&timeframe=1Day&start=2025-11-28')
  expect(json).toMatchObject({ bars: [{ t: '2025-11-28T14:30:00Z' }] })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

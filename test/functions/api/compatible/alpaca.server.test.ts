import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { bar } from '../../bar-writer/bars.ts'
import { type ApiHarness, startApi } from '../harness.ts'

let api: ApiHarness

const at = (day: string, time: string) => `2025-11-${day}T${time}:00Z`

beforeAll(async () => {
  api = await startApi()
  await api.write([
    // A Friday, whose evening in New York is Saturday in UTC.
    bar({ timestamp: at('07', '20:59'), open: '147', high: '149', low: '147', close: '148', volume: '50' }),
    bar({ timestamp: at('08', '00:59'), open: '148', high: '149', low: '148', close: '149', volume: '7' }),
    bar({ timestamp: at('10', '14:30'), notional: '180288', complete: true }),
    bar({ timestamp: at('10', '14:31'), high: '151', close: '150.876543210987654321', vwap: '150.5' }),
    bar({ timestamp: at('10', '14:35'), volume: '0', vwap: null }),
    bar({ symbol: 'MSFT', timestamp: at('10', '14:30'), open: '500', high: '500', low: '450', close: '450' }),
    bar({ symbol: 'BTC/USD', timestamp: at('10', '14:30'), volume: '184467440737.09551615' }),
  ])
})
afterAll(() => api.close())

const FIRST = { t: at('10', '14:30'), o: 150.25, h: 150.3, l: 150.2, c: 150.25, v: 1200, n: 12, vw: 150.24 }
const tokenOf = (json: unknown) => z.object({ next_page_token: z.string() }).parse(json).next_page_token

describe('/v2/stocks/bars', () => {
  it("gives Alpaca's fields and no others, without a double in between", async () => {
    const { status, json, body } = await api.get(
      '/v2/stocks/bars?symbols=AAPL,GONE&timeframe=1Min&start=2025-11-10',
    )
    expect(status).toBe(200)
    expect(json).toMatchObject({ bars: { AAPL: [FIRST, {}, { v: 0, vw: null }] }, next_page_token: null })
    expect(
      Object.keys(z.object({ bars: z.record(z.string(), z.array(z.object())) }).parse(json).bars),
    ).toEqual(['AAPL'])
    expect(body).toContain('"c":150.876543210987654321,')
    expect(body).not.toMatch(/rev|notional|complete/)
  })

  it('takes what every client sends, of which nothing here depends', async () => {
    const more = 'feed=iex&currency=USD&adjustment=raw&asof=2025-11-10&limit=10000&sort=asc'
    const { json } = await api.get(`/v2/stocks/bars?symbols=AAPL&timeframe=1Min&start=2025-11-10&${more}`)
    expect(json).toMatchObject({ bars: { AAPL: [FIRST, {}, {}] } })
  })

  it("begins with New York's day where no start is given", async () => {
    const { json } = await api.get('/v2/stocks/bars?symbols=AAPL&timeframe=1Day&end=2025-11-08T01:00:00Z')
    expect(json).toMatchObject({ bars: { AAPL: [{ t: at('07', '05:00'), v: 57, c: 149 }] } })
  })

  it.each([
    ['7Min', at('10', '14:27')],
    ['1Week', at('10', '05:00')],
    ['3Month', '2025-10-01T04:00:00Z'],
  ])('has bars of %s, counted from midnight in New York', async (timeframe, t) => {
    const { json } = await api.get(`/v2/stocks/bars?symbols=MSFT&timeframe=${timeframe}&start=2025-10-01`)
    expect(json).toMatchObject({ bars: { MSFT: [{ t }] } })
  })

  it('gives the rest of a page by its token', async () => {
    const path = '/v2/stocks/bars?symbols=AAPL,MSFT&timeframe=1Min&start=2025-11-10&limit=3'
    const { json: first } = await api.get(path)
    const { json: second } = await api.get(`${path}&page_token=${tokenOf(first)}`)
    expect(second).toMatchObject({ bars: { MSFT: [{ t: at('10', '14:30') }] }, next_page_token: null })
  })

  it.each([
    [
      'adjustment=spin-off',
      /^adjustment is "spin-off"; allowed: raw, split, dividend, all or split,dividend/,
    ],
    ['asof=2025-11-10T14:31:00Z', /^asof is "2025-11-10T14:31:00Z"; allowed: a day .* \/v1\/bars$/],
    ['timeframe=2Week', /^timeframe is "2Week"; allowed: 1Min to 59Min/],
    ['limit=10001', /^limit is "10001"/],
    ['limit=all', /^limit is "all"/],
    ['page_token=x', /^page_token is "x"/],
    ['session=regular', /^session is "regular"; allowed: only the parameters symbols/],
  ])('refuses %s as Alpaca does', async (parameter, message) => {
    const { status, json } = await api.get(`/v2/stocks/bars?symbols=AAPL&${parameter}`)
    expect([status, json]).toEqual([400, { code: 40_010_000, message: expect.stringMatching(message) }])
  })
})

describe('one stock', () => {
  it('has its bars in a list', async () => {
    const { json } = await api.get('/v2/stocks/AAPL/bars?timeframe=1Min&start=2025-11-10&limit=1&sort=desc')
    expect(json).toMatchObject({ symbol: 'AAPL', bars: [{ t: at('10', '14:35') }] })
    expect(tokenOf(json)).not.toBe('')
  })

  it('has a newest bar, or none', async () => {
    expect((await api.get('/v2/stocks/MSFT/bars/latest?feed=iex')).json).toMatchObject({
      symbol: 'MSFT',
      bar: { t: at('10', '14:30'), o: 500 },
    })
    expect(await api.get('/v2/stocks/GONE/bars/latest')).toMatchObject({
      status: 404,
      json: { code: 40_410_000, message: 'no bar found for GONE' },
    })
  })

  it("has a snapshot of New York's days, without what the API does not know", async () => {
    expect((await api.get('/v2/stocks/AAPL/snapshot')).json).toEqual({
      symbol: 'AAPL',
      minuteBar: { t: at('10', '14:35'), o: 150.25, h: 150.3, l: 150.2, c: 150.25, v: 0, n: 12, vw: null },
      dailyBar: expect.objectContaining({
        t: at('10', '05:00'),
        o: 150.25,
        h: 151,
        c: 150.25,
        v: 2400,
        n: 36,
      }),
      prevDailyBar: expect.objectContaining({ t: at('07', '05:00'), o: 147, h: 149, c: 149, v: 57, n: 24 }),
    })
  })
})

describe('several at once', () => {
  it('have newest bars and snapshots by symbol', async () => {
    const { json: latest } = await api.get('/v2/stocks/bars/latest?symbols=AAPL,MSFT,GONE')
    expect(latest).toMatchObject({ bars: { AAPL: { t: at('10', '14:35') }, MSFT: { t: at('10', '14:30') } } })
    const { json: snapshots } = await api.get('/v2/stocks/snapshots?symbols=MSFT,AAPL,GONE')
    expect(Object.keys(z.object({}).loose().parse(snapshots))).toEqual(['AAPL', 'MSFT'])
    expect(snapshots).toMatchObject({ MSFT: { minuteBar: { c: 450 } } })
    expect(snapshots).not.toHaveProperty('MSFT.prevDailyBar')
  })

  it('have a day before that is long before', async () => {
    await api.write([bar({ symbol: 'RARE', timestamp: '2025-10-01T14:30:00Z', close: '150.2' })])
    await api.write([bar({ symbol: 'RARE', timestamp: at('10', '14:30') })])
    expect((await api.get('/v2/stocks/RARE/snapshot')).json).toMatchObject({
      prevDailyBar: { t: '2025-10-01T04:00:00Z', c: 150.2 },
    })
  })
})

describe('pairs', () => {
  it('have bars and newest bars, whose days are of UTC', async () => {
    const symbols = 'symbols=BTC%2FUSD'
    const { body } = await api.get(
      `/v1beta3/crypto/us/bars?${symbols}&timeframe=1Day&start=2025-11-10&limit=10000`,
    )
    expect(body).toContain(`"BTC/USD":[{"t":"${at('10', '00:00')}"`)
    expect(body).toContain('"v":184467440737.09551615,')
    const { json } = await api.get(`/v1beta3/crypto/us/latest/bars?${symbols}`)
    expect(json).toMatchObject({ bars: { 'BTC/USD': { t: at('10', '14:30') } } })
  })
})

describe('the screener', () => {
  it('gives what rose and fell', async () => {
    expect((await api.get('/v1beta1/screener/stocks/movers?top=5')).json).toEqual({
      gainers: [],
      losers: [{ symbol: 'MSFT', percent_change: -10, change: -50, price: 450 }],
      market_type: 'stocks',
      last_updated: at('10', '14:35'),
    })
  })

  it('gives what was traded most, by volume and by trades', async () => {
    expect((await api.get('/v1beta1/screener/stocks/most-actives?top=2')).body).toBe(
      `{"most_actives":[{"symbol":"BTC/USD","volume":184467440737.09551615,"trade_count":12},{"symbol":"AAPL","volume":2400,"trade_count":36}],"last_updated":"${at('10', '14:35')}"}`,
    )
    const { json } = await api.get('/v1beta1/screener/stocks/most-actives?by=trades&top=1')
    expect(json).toMatchObject({ most_actives: [{ symbol: 'AAPL', trade_count: 36 }] })
  })
})

it('tells what is not there in the shape of Alpaca', async () => {
  expect(await api.get('/v2/stocks/AAPL/quotes')).toMatchObject({
    status: 404,
    json: { code: 40_410_000, message: expect.stringContaining('/v2/stocks/AAPL/quotes') },
  })
  expect(api.errors).toEqual([])
})

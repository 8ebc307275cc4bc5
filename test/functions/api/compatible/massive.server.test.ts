import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTradingHours } from '../../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../../bar-writer/bars.ts'
import { writeExampleData } from '../example-data.ts'
import { type ApiHarness, startApi } from '../harness.ts'

let api: ApiHarness

const at = (day: string, time: string) => `2025-11-${day}T${time}:00Z`
const ms = (day: string, time: string) => Date.parse(at(day, time))

beforeAll(async () => {
  api = await startApi({ tradingHours: parseTradingHours('America/New_York 09:30-16:00') })
  await writeExampleData(api)
  await api.write([
    // A Friday, whose evening in New York is Saturday in UTC.
    bar({
      symbol: 'IBM',
      timestamp: at('07', '20:59'),
      open: '300',
      high: '302',
      low: '300',
      close: '301',
      volume: '50',
    }),
    bar({
      symbol: 'IBM',
      timestamp: at('08', '00:59'),
      open: '301',
      high: '304',
      low: '301',
      close: '304',
      volume: '7',
    }),
    bar({
      symbol: 'IBM',
      timestamp: at('10', '14:30'),
      open: '305',
      high: '305',
      low: '303',
      close: '303.123456789012345678',
    }),
    bar({
      symbol: 'IBM',
      timestamp: at('10', '14:31'),
      open: '303',
      high: '303',
      low: '303',
      close: '303',
      volume: '0',
      vwap: null,
    }),
    bar({ symbol: 'X:BTCUSD', timestamp: at('10', '00:30'), volume: '0.00000001' }),
    bar({ symbol: 'X:BTCUSD', timestamp: at('09', '23:30'), volume: '0.5' }),
  ])
})
afterAll(() => api.close())

const range = (path: string) => api.get(`/v2/aggs/ticker/IBM/range/${path}`)
const nextOf = (json: unknown) => z.object({ next_url: z.string() }).parse(json).next_url

describe('/v2/aggs/ticker/{ticker}/range', () => {
  it('gives bars in the envelope of Massive, without a double in between', async () => {
    const { status, json, body } = await range(
      '1/minute/2025-11-10/2025-11-10?adjusted=false&limit=50000&apiKey=k',
    )
    expect(status).toBe(200)
    expect(json).toEqual({
      ticker: 'IBM',
      adjusted: false,
      resultsCount: 2,
      results: [
        expect.objectContaining({ t: ms('10', '14:30'), o: 305, n: 12, vw: 150.24 }),
        // Without volume there is no such price, and so no name for it.
        { t: ms('10', '14:31'), o: 303, h: 303, l: 303, c: 303, v: 0, n: 12 },
      ],
      status: 'OK',
      request_id: '',
      count: 2,
    })
    expect(body).toContain('"c":303.123456789012345678,')
  })

  it('takes a day to its end in New York, and Unix milliseconds as they are', async () => {
    const days = await range('1/day/2025-11-07/2025-11-07')
    expect(days.json).toMatchObject({ results: [{ t: ms('07', '05:00'), v: 57, c: 304 }] })
    const minutes = await range(`1/minute/${ms('07', '20:59')}/${ms('08', '00:58')}`)
    expect(minutes.json).toMatchObject({ resultsCount: 1, results: [{ t: ms('07', '20:59') }] })
  })

  it('has the days of pairs in UTC', async () => {
    const { json } = await api.get('/v2/aggs/ticker/X:BTCUSD/range/1/day/2025-11-09/2025-11-10')
    expect(json).toMatchObject({ results: [{ t: ms('09', '00:00'), v: 0.5 }, { t: ms('10', '00:00') }] })
  })

  it.each([
    ['7/minute', ms('10', '14:27')],
    ['120/minute', ms('10', '13:00')],
    ['3/hour', ms('10', '14:00')],
    ['1/week', ms('10', '05:00')],
    ['1/month', Date.parse('2025-11-01T04:00:00Z')],
    ['2/quarter', Date.parse('2025-07-01T04:00:00Z')],
    ['1/year', Date.parse('2025-01-01T05:00:00Z')],
  ])('has bars of %s', async (unit, t) => {
    const { json } = await range(`${unit}/${t}/${t}`)
    expect(json).toMatchObject({ results: [{ t }] })
  })

  it('says where the next page is, and nothing of it on the last', async () => {
    const pages: unknown[] = []
    for (
      let path = '/v2/aggs/ticker/IBM/range/1/minute/2025-11-01/2025-11-10?limit=3&sort=desc&apiKey=k';
      path !== '';
    ) {
      const { json } = await api.get(path)
      pages.push(
        z
          .object({ results: z.array(z.object({ t: z.number() })) })
          .parse(json)
          .results.map(({ t }) => t),
      )
      const { next_url: next = '' } = z.object({ next_url: z.string().optional() }).parse(json)
      expect(next).not.toContain('apiKey')
      path = next.replace('http://api', '')
    }
    expect(pages).toEqual([[ms('10', '14:31'), ms('10', '14:30'), ms('08', '00:59')], [ms('07', '20:59')]])
  })

  it('is empty for a ticker without bars', async () => {
    const { json } = await api.get('/v2/aggs/ticker/GONE/range/1/day/2025-11-09/2025-11-10')
    expect(json).toMatchObject({ ticker: 'GONE', resultsCount: 0, results: [], status: 'OK' })
  })

  it.each([
    ['1/minute/2025-11-10/2025-11-10?adjusted=yes', /^adjusted is "yes"; allowed: true or false/],
    ['2/week/2025-11-10/2025-11-10', /^multiplier and timespan is "2 week"; allowed: 1 to 59 minute/],
    ['90/minute/2025-11-10/2025-11-10', /^multiplier and timespan is "90 minute"/],
    ['1/second/2025-11-10/2025-11-10', /^multiplier and timespan is "1 second"/],
    ['1/minute/yesterday/2025-11-10', /^from is "yesterday"; allowed: a day such as .* or Unix milliseconds/],
    ['1/minute/2025-11-11/2025-11-10', /^from is "2025-11-11T05:00:00.000Z"; allowed: a time up to end/],
    ['1/minute/2025-11-10/2025-11-10?cursor=x', /^cursor is "x"; allowed: the next_url of the page before/],
    ['1/minute/2025-11-10/2025-11-10?limit=50001', /^limit is "50001"/],
  ])('refuses %s as Massive does', async (path, error) => {
    const { status, json } = await range(path)
    expect([status, json]).toEqual([
      400,
      { status: 'ERROR', request_id: '', error: expect.stringMatching(error) },
    ])
  })
})

describe('days', () => {
  it('has the last one before today', async () => {
    expect((await api.get('/v2/aggs/ticker/IBM/prev?adjusted=false')).json).toMatchObject({
      ticker: 'IBM',
      queryCount: 1,
      resultsCount: 1,
      adjusted: false,
      results: [{ T: 'IBM', t: ms('07', '05:00'), c: 304, v: 57 }],
    })
  })

  it('has one of all tickers', async () => {
    const { json } = await api.get(
      '/v2/aggs/grouped/locale/us/market/stocks/2025-11-10?include_otc=false&locale=us&market_type=stocks',
    )
    expect(json).toMatchObject({
      resultsCount: 4,
      results: [{ T: 'AAPL' }, { T: 'IBM', t: ms('10', '05:00'), o: 305 }, { T: 'MSFT' }, { T: 'NVDA' }],
    })
  })

  it('has one of a ticker, or tells that there is none', async () => {
    expect((await api.get('/v1/open-close/IBM/2025-11-07')).json).toEqual({
      status: 'OK',
      from: '2025-11-07',
      symbol: 'IBM',
      open: 300,
      high: 304,
      low: 300,
      close: 304,
      volume: 57,
    })
    expect(await api.get('/v1/open-close/IBM/2025-11-06')).toMatchObject({
      status: 404,
      json: { status: 'NOT_FOUND', message: 'no bar of IBM on 2025-11-06' },
    })
  })
})

describe('snapshots', () => {
  it('have the day, the minute and the day before, and the change between the days', async () => {
    const path = '/v2/snapshot/locale/us/markets/stocks/tickers'
    const { json } = await api.get(`${path}/IBM`)
    expect(json).toEqual({
      status: 'OK',
      request_id: '',
      ticker: {
        ticker: 'IBM',
        todaysChange: -1,
        todaysChangePerc: -0.3289,
        day: expect.objectContaining({ o: 305, c: 303, v: 1200 }),
        min: { av: 1200, t: ms('10', '14:31'), n: 12, o: 303, h: 303, l: 303, c: 303, v: 0 },
        prevDay: expect.objectContaining({ c: 304, v: 57 }),
      },
    })
    expect((await api.get(`${path}?tickers=IBM,GONE`)).json).toMatchObject({
      count: 1,
      tickers: [{ ticker: 'IBM' }],
    })
    expect((await api.get(path)).json).toMatchObject({ count: 5 })
    expect((await api.get(`${path}/GONE`)).status).toBe(404)
  })

  it('of what rose and fell come with the most first', async () => {
    const path = '/v2/snapshot/locale/us/markets/stocks'
    expect((await api.get(`${path}/gainers`)).json).toMatchObject({
      tickers: [{ ticker: 'NVDA' }, { ticker: 'AAPL' }],
    })
    expect((await api.get(`${path}/losers`)).json).toMatchObject({
      tickers: [{ ticker: 'IBM' }, { ticker: 'MSFT' }],
    })
  })
})

describe('indicators', () => {
  it('give the newest values first, and the rest at the next address', async () => {
    const { json } = await api.get('/v1/indicators/rsi/AAPL?timespan=minute&limit=3')
    expect(json).toMatchObject({
      results: {
        underlying: {
          url: `http://api/v2/aggs/ticker/AAPL/range/1/minute/${ms('10', '17:27')}/${ms('10', '17:29')}`,
        },
        values: ['29', '28', '27'].map((minute) => ({ timestamp: ms('10', `17:${minute}`), value: 61.5 })),
      },
      status: 'OK',
    })
    const next = await api.get(nextOf(json).replace('http://api', ''))
    expect(next.json).toMatchObject({
      results: { values: [{ timestamp: ms('10', '17:26') }, { timestamp: ms('10', '17:25') }] },
    })
    expect(next.json).not.toHaveProperty('next_url')
  })

  it('are limited by time', async () => {
    const [from, to] = [ms('10', '17:26'), ms('10', '17:28')]
    const query = `timespan=minute&window=20&order=asc&timestamp.gt=${from}&timestamp.lte=${to}`
    const { json } = await api.get(`/v1/indicators/sma/AAPL?${query}`)
    const { values } = z
      .object({ results: z.object({ values: z.array(z.object({ timestamp: z.number() })) }) })
      .parse(json).results
    expect(values.map(({ timestamp }) => timestamp)).toEqual([ms('10', '17:27'), to])
  })

  it('of hours and of windows that the config has not are computed from the bars', async () => {
    const query = 'timespan=minute&window=3&order=asc&timestamp.gte=2025-11-10'
    const { json } = await api.get(`/v1/indicators/sma/AAPL?${query}`)
    const { json: bars } = await api.get('/v1/bars/AAPL?start=2025-11-10')
    const closes = z
      .object({ bars: z.array(z.object({ c: z.number() })) })
      .parse(bars)
      .bars.map(({ c }) => c)
    const { values } = z
      .object({
        results: z.object({ values: z.array(z.object({ timestamp: z.number(), value: z.number() })) }),
      })
      .parse(json).results
    expect(values.map(({ timestamp }) => timestamp)).toEqual(
      ['27', '28', '29'].map((minute) => ms('10', `17:${minute}`)),
    )
    for (const [index, { value }] of values.entries())
      expect(value).toBeCloseTo(closes.slice(index, index + 3).reduce((sum, close) => sum + close, 0) / 3, 9)
    api.now += 3_600_000
    const { json: hours } = await api.get('/v1/indicators/ema/AAPL?timespan=hour&window=2')
    api.now -= 3_600_000
    expect(hours).toMatchObject({
      results: { underlying: { url: expect.stringContaining('/range/1/hour/') } },
    })
  })

  it.each([
    ['sma/AAPL?timespan=second', /^timespan is "second"; allowed: one of minute, hour, day/],
    ['sma/AAPL?window=501', /^window is "501"; allowed: a whole number from 2 to 500$/],
    ['macd/AAPL?short_window=1', /^short_window is "1"; allowed: a whole number from 2 to 500$/],
    ['rsi/AAPL?timespan=minute&series_type=open', /^series_type is "open"/],
  ])('refuse %s', async (path, error) => {
    const { status, json } = await api.get(`/v1/indicators/${path}`)
    expect([status, json]).toMatchObject([400, { status: 'ERROR', error: expect.stringMatching(error) }])
  })
})

describe('reference', () => {
  it('lists tickers, page by page', async () => {
    const { json } = await api.get('/v3/reference/tickers?limit=3&sort=ticker&order=asc&active=true')
    expect(json).toMatchObject({
      count: 3,
      results: [
        { ticker: 'AAPL', last_updated_utc: at('10', '17:29') },
        { ticker: 'IBM' },
        { ticker: 'MSFT' },
      ],
    })
    const { json: last } = await api.get(nextOf(json).replace('http://api', ''))
    expect(last).toMatchObject({ results: [{ ticker: 'NVDA' }, { ticker: 'X:BTCUSD' }] })
    expect(last).not.toHaveProperty('next_url')
    expect((await api.get('/v3/reference/tickers?ticker=IBM')).json).toMatchObject({
      results: [{ ticker: 'IBM' }],
    })
  })

  it('says whether trades are expected now', async () => {
    expect((await api.get('/v1/marketstatus/now')).json).toEqual({
      market: 'open',
      serverTime: at('10', '17:30'),
    })
  })
})

it('tells what is not there in the shape of Massive', async () => {
  expect(await api.get('/v3/quotes/AAPL')).toMatchObject({
    status: 404,
    json: { status: 'NOT_FOUND', message: expect.stringContaining('/v3/quotes/AAPL') },
  })
  expect(api.errors).toEqual([])
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'

import type { CorporateAction } from '../../../../functions/bar-writer/corporate-actions.ts'
import { parseTradingHours } from '../../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../../bar-writer/bars.ts'
import { type ApiHarness, startApi } from '../harness.ts'
import { storeActions } from './store-actions.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi({ tradingHours: parseTradingHours('{"BTC/USD":"24/7","*":"XNYS"}') })
  api.now = Date.now()
})
afterAll(() => api.close())
beforeEach(() => storeActions(api, []))

const traded = (symbol: string, timestamp: string, close: string, volume = '100') =>
  bar({
    symbol,
    timestamp,
    volume,
    open: close,
    high: close,
    low: close,
    close,
    vwap: close,
    notional: String(Number(close) * Number(volume)),
    trade_count: 1,
    complete: true,
  })

const split = (symbol: string, exDate: string, ratio: string): CorporateAction => {
  const [newShares = '', oldShares = ''] = ratio.split(':')
  return { kind: 'split', symbol, ex_date: exDate, new_shares: newShares, old_shares: oldShares }
}
const dividend = (symbol: string, exDate: string, amount: string): CorporateAction => ({
  kind: 'dividend',
  symbol,
  ex_date: exDate,
  amount,
})

const barsSchema = z.object({
  bars: z.array(
    z.object({
      t: z.string(),
      o: z.string(),
      h: z.string(),
      l: z.string(),
      c: z.string(),
      v: z.string(),
      vw: z.string().nullable(),
      notional: z.string().nullable(),
      n: z.int(),
      rev: z.int(),
    }),
  ),
})
async function barsOf(symbol: string, query: string) {
  const { json } = await api.get(`/v1/bars/${symbol}?numbers=string&${query}`)
  return barsSchema.parse(json).bars
}

describe("the example of Yahoo's help page (https://help.yahoo.com/kb/SLN28256.html)", () => {
  const closes = new Map([
    ['2021-02-16', '46.99'],
    ['2021-02-17', '48.3'],
    ['2021-02-18', '24.96'],
    ['2021-02-19', '24.53'],
  ])

  it('has the prices that it shows, in more digits', async () => {
    await api.write([...closes].map(([day, close]) => traded('YHOO', `${day}T20:59:00Z`, close)))
    await storeActions(api, [split('YHOO', '2021-02-18', '2:1'), dividend('YHOO', '2021-02-19', '0.08')])
    const days = await barsOf('YHOO', 'adjustment=all&timeframe=1Day&start=2021-02-16&end=2021-02-20')
    expect(days.map(({ c }) => Number(c).toFixed(2))).toEqual(['23.42', '24.07', '24.88', '24.53'])
    // 46.99 / 2 * (24.96 - 0.08) / 24.96
    expect(days[0]).toMatchObject({ c: '23.419695512820512821', v: '200' })
  })
})

describe('bars that are adjusted', () => {
  const span = 'start=2022-06-01&end=2022-07-01'
  beforeAll(() =>
    api.write([
      traded('AMZN', '2022-06-03T19:59:00Z', '2447', '10'),
      // After the close, and before midnight in New York.
      traded('AMZN', '2022-06-06T03:59:00Z', '2450', '1'),
      traded('AMZN', '2022-06-06T04:00:00Z', '122.5', '7'),
      traded('AMZN', '2022-06-06T13:30:00Z', '125.25', '300'),
    ]),
  )

  it('change with the ex-date by the clocks of the exchange', async () => {
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1')])
    expect(await barsOf('AMZN', `adjustment=split&${span}`)).toMatchObject([
      { c: '122.35', v: '200', vw: '122.35', notional: '24470' },
      { c: '122.5', v: '20', notional: '2450' },
      { c: '122.5', v: '7', notional: '857.5' },
      { c: '125.25', v: '300', n: 1, rev: 1 },
    ])
  })

  it('are as traded without an action, before its ex-date has come, and in other kinds', async () => {
    const raw = await barsOf('AMZN', span)
    expect(await barsOf('AMZN', `adjustment=all&${span}`)).toEqual(raw)
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1'), split('AMZN', '2199-01-04', '3:1')])
    expect(await barsOf('AMZN', span)).toEqual(raw)
    expect(await barsOf('AMZN', `adjustment=dividend&${span}`)).toEqual(raw)
    expect(await barsOf('AMZN', `adjustment=split&start=2022-06-06T04:00:00Z&end=2022-07-01`)).toEqual(
      raw.slice(2),
    )
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1'), split('AMZN', '2022-06-07', '1:20')])
    expect((await barsOf('AMZN', `adjustment=split&${span}`)).slice(0, 2)).toEqual(raw.slice(0, 2))
  })

  it('of a week with an ex-date are made of the adjusted minutes', async () => {
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1')])
    const [month] = await barsOf('AMZN', 'adjustment=split&timeframe=1Month&start=2022-06-01&end=2022-06-02')
    expect(month).toMatchObject({
      o: '122.35',
      h: '125.25',
      l: '122.35',
      c: '125.25',
      v: '527',
      n: 4,
      rev: 4,
    })
    // (24470 + 2450 + 857.5 + 37575) / 527
    expect(month).toMatchObject({ notional: '65352.5', vw: '124.0085389' })
  })

  it('are filled with the adjusted close, over an ex-date', async () => {
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1')])
    const query =
      'adjustment=split&fill=previous&timeframe=1Hour&start=2022-06-06T05:00:00Z&end=2022-06-06T06:00:00Z'
    expect(await barsOf('AMZN', query)).toMatchObject([
      { c: '122.5', n: 0 },
      { c: '122.5', n: 0 },
    ])
    await storeActions(api, [split('AMZN', '2022-06-07', '20:1'), split('AMZN', '2022-06-04', '2:1')])
    const weekend = 'adjustment=split&fill=previous&timeframe=1Day&start=2022-06-05&end=2022-06-05'
    expect(await barsOf('AMZN', weekend)).toMatchObject([{ c: '61.175', n: 0 }])
  })

  it('are the newest ones, of an ex-date on which nothing was traded yet, too', async () => {
    const latest = async (adjustment: string) =>
      (await api.get(`/v1/bars/latest?symbols=AMZN,YHOO,GONE&numbers=string&adjustment=${adjustment}`)).json
    await storeActions(api, [split('AMZN', '2022-06-07', '2:1')])
    expect(await latest('split')).toMatchObject({ bars: { AMZN: { c: '62.625', v: '600' }, YHOO: {} } })
    expect(await latest('raw')).toMatchObject({ bars: { AMZN: { c: '125.25', v: '300' } } })
  })

  it('are in all formats', async () => {
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1')])
    const { body } = await api.get(`/v1/bars/AMZN?format=csv&adjustment=split&${span}`)
    expect(body.split('\n')[1]).toBe(
      'AMZN,2022-06-03T19:59:00Z,122.35,122.35,122.35,122.35,200,1,122.35,1,24470,true,',
    )
  })

  it('of asof know the ex-dates that had come by then', async () => {
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1')])
    const at = Date.now() - 120_000
    await api.server.as('owner', (client) =>
      client.query(`UPDATE ohlcv_1min SET written_at = timestamp + interval '1 minute'`),
    )
    const asof = (time: string) => barsOf('AMZN', `adjustment=split&start=2022-06-01&asof=${time}`)
    expect(await asof('2022-06-06T03:58:00Z')).toMatchObject([{ c: '2447' }])
    expect(await asof('2022-06-06T04:02:00Z')).toMatchObject([
      { c: '122.35' },
      { c: '122.5' },
      { c: '122.5' },
    ])
    expect(await asof(new Date(at).toISOString())).toHaveLength(4)
  })

  it('are never answered from a cache after an import', async () => {
    await storeActions(api, [split('AMZN', '2022-06-06', '20:1')])
    const path = `/v1/bars/AMZN?adjustment=split&${span}&asof=2024-01-01`
    const { headers } = await api.get(path)
    expect(headers['cache-control']).toBe('private, no-cache')
    const ask = () => api.get(path, { 'if-none-match': headers['etag'] ?? '' })
    expect((await ask()).status).toBe(304)
    await storeActions(api, [split('AMZN', '2022-06-06', '21:1')])
    expect((await ask()).status).toBe(200)
    expect((await api.get(path.replace('split', 'raw'))).headers['cache-control']).toMatch(/immutable/)
  })
})

describe('a dividend', () => {
  beforeAll(() =>
    api.write([
      traded('KO', '2023-03-14T19:59:00Z', '60', '10'),
      traded('KO', '2023-03-14T21:00:00Z', '59', '10'),
      traded('KO', '2023-03-15T13:30:00Z', '59.5', '10'),
      traded('OTC1', '2023-03-01T19:00:00Z', '3', '1'),
      traded('BTC/USD', '2023-03-14T23:59:00Z', '8', '1'),
    ]),
  )

  it('is a part of the close of the last regular session before', async () => {
    await storeActions(api, [dividend('KO', '2023-03-15', '0.46')])
    const bars = await barsOf('KO', 'adjustment=dividend&start=2023-03-14&end=2023-03-16')
    // 60 * (60 - 0.46) / 60, and 59 of it
    expect(bars).toMatchObject([
      { c: '59.54', v: '10', notional: '595.4', vw: '59.54' },
      { c: '58.547666666666666667', v: '10', notional: '585.476666666666666667', vw: '58.54766667' },
      { c: '59.5', v: '10', notional: '595' },
    ])
  })

  it('is a part of an earlier close where the session before had no bar, and of any market', async () => {
    await storeActions(api, [dividend('OTC1', '2023-03-15', '1'), dividend('BTC/USD', '2023-03-15', '2')])
    const query = 'adjustment=all&start=2023-03-01&end=2023-03-16'
    expect(await barsOf('OTC1', query)).toMatchObject([{ c: '2' }])
    expect(await barsOf('BTC%2FUSD', query)).toMatchObject([{ c: '6' }])
  })

  it('that is not less than the close is refused, and told', async () => {
    await storeActions(api, [dividend('KO', '2023-03-15', '60')])
    const { status, json } = await api.get('/v1/bars/KO?adjustment=all&start=2023-03-14&end=2023-03-16')
    expect(status).toBe(400)
    expect(json).toMatchObject({
      detail:
        'adjustment is "all"; allowed: raw or split: the dividend 60 of KO with the ex-date 2023-03-15 is not less than the close before it, 60; correct it by tickstock import --actions',
    })
    expect(
      (await api.get('/v1/bars/KO?adjustment=all&start=2023-03-15T04:00:00Z&end=2023-03-16')).status,
    ).toBe(200)
  })
})

describe('several symbols', () => {
  it('are each adjusted by their own actions, page by page', async () => {
    const days = ['2020-08-28', '2020-08-31', '2020-09-01']
    await api.write(
      ['AAPL', 'F', 'GE', 'TSLA'].flatMap((symbol) =>
        days.map((day) => traded(symbol, `${day}T15:00:00Z`, '500')),
      ),
    )
    await storeActions(api, [split('AAPL', '2020-08-31', '4:1'), split('TSLA', '2020-09-01', '5:1')])
    const query =
      '/v1/bars?symbols=AAPL,F,GE,TSLA&adjustment=split&timeframe=1Day&start=2020-08-28&end=2020-09-02&limit=5'
    const pageSchema = z.object({
      bars: z.record(z.string(), z.array(z.object({ c: z.number() }))),
      next_page_token: z.string().nullable(),
    })
    const found: string[] = []
    for (let token: string | null = ''; token !== null;) {
      const { json } = await api.get(`${query}${token === '' ? '' : `&page_token=${token}`}`)
      const page = pageSchema.parse(json)
      for (const [symbol, bars] of Object.entries(page.bars))
        found.push(...bars.map(({ c }) => `${symbol} ${c}`))
      token = page.next_page_token
    }
    expect(found).toEqual([
      'AAPL 125',
      'AAPL 500',
      'AAPL 500',
      'F 500',
      'F 500',
      'F 500',
      'GE 500',
      'GE 500',
      'GE 500',
      'TSLA 100',
      'TSLA 100',
      'TSLA 500',
    ])
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

describe('a dividend whose last close lies years back', () => {
  beforeEach(async () => {
    await api.write([
      traded('OLD', '2005-01-03T20:59:00Z', '100'),
      traded('OLD', '2024-01-03T20:59:00Z', '10'),
    ])
    await storeActions(api, [dividend('OLD', '2024-01-02', '1')])
  })
  afterEach(() => {
    api.tick = 0
    api.now = Date.now()
  })

  const query = '/v1/bars/OLD?numbers=string&start=2005-01-01&end=2005-12-31&adjustment=dividend'

  it('is found', async () => {
    const { json } = await api.get(query)
    expect(barsSchema.parse(json).bars).toMatchObject([{ c: '99' }])
  })

  it.each([300, 800, 1500])(
    'is never taken for none, where a look at the clock takes %i ms',
    async (tick) => {
      api.tick = tick
      const { status, json } = await api.get(query)
      expect(status === 503 ? ['99'] : barsSchema.parse(json).bars.map(({ c }) => c)).toEqual(['99'])
    },
  )
})

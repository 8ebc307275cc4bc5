import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

const minute = (time: string) => `2025-11-10T${time}:00Z`

beforeAll(async () => {
  api = await startApi()
  await api.write([
    bar({ timestamp: minute('14:30'), notional: '180288', complete: true }),
    bar({ timestamp: minute('14:31'), open: '150.25', high: '151', close: '150.87654321', vwap: '150.5' }),
    bar({ timestamp: minute('14:35'), volume: '0', vwap: null }),
    bar({ symbol: 'BTC/USD', timestamp: minute('14:30'), volume: '184467440737.09551615' }),
  ])
})
afterAll(() => api.close())

const day = 'start=2025-11-10&end=2025-11-10T23:59:00Z'

describe('GET /v1/bars', () => {
  it('gives bars of several symbols under the names that Alpaca uses', async () => {
    const { status, json } = await api.get(`/v1/bars?symbols=BTC/USD,AAPL&${day}`)
    expect(status).toBe(200)
    expect(json).toEqual({
      bars: {
        AAPL: [
          {
            t: minute('14:30'),
            o: 150.25,
            h: 150.3,
            l: 150.2,
            c: 150.25,
            v: 1200,
            n: 12,
            vw: 150.24,
            rev: 1,
            notional: 180288,
            complete: true,
          },
          {
            t: minute('14:31'),
            o: 150.25,
            h: 151,
            l: 150.2,
            c: 150.87654321,
            v: 1200,
            n: 12,
            vw: 150.5,
            rev: 1,
            notional: null,
            complete: null,
          },
          {
            t: minute('14:35'),
            o: 150.25,
            h: 150.3,
            l: 150.2,
            c: 150.25,
            v: 0,
            n: 12,
            vw: null,
            rev: 1,
            notional: null,
            complete: null,
          },
        ],
        'BTC/USD': [expect.objectContaining({ t: minute('14:30') })],
      },
      next_page_token: null,
    })
  })

  it('writes every digit of a number, and the same as text with numbers=string', async () => {
    expect((await api.get(`/v1/bars?symbols=BTC/USD&${day}`)).body).toContain('"v":184467440737.09551615,')
    expect((await api.get(`/v1/bars?symbols=BTC/USD&${day}&numbers=string`)).body).toContain(
      '"v":"184467440737.09551615",',
    )
  })

  it('includes start and end', async () => {
    const { json } = await api.get(`/v1/bars?symbols=AAPL&start=${minute('14:31')}&end=${minute('14:35')}`)
    expect(json).toMatchObject({ bars: { AAPL: [{ t: minute('14:31') }, { t: minute('14:35') }] } })
  })

  it.each([
    ['2025-11-03', '05:00', 'EST'],
    ['2025-11-02', '04:00', 'EDT, before the clocks go back at two'],
    ['2025-03-09', '05:00', 'EST, before the clocks go forward at two'],
    ['2025-07-01', '04:00', 'EDT'],
  ])('lets the day %s of New York begin at %sZ: %s', async (date, time) => {
    const timestamp = `${date}T${time}:00Z`
    const before = new Date(Date.parse(timestamp) - 60_000).toISOString().replace('.000Z', 'Z')
    await api.write([before, timestamp].map((each) => bar({ symbol: 'NY', timestamp: each })))
    const { json } = await api.get(`/v1/bars/NY?tz=America/New_York&start=${date}&end=${date}`)
    expect(json).toMatchObject({ bars: [{ t: timestamp }] })
    const last = await api.get(
      `/v1/bars/NY?tz=America/New_York&start=${before}&end=${date}&timeframe=1Day&sort=desc&limit=1`,
    )
    expect(last.json).toMatchObject({ bars: [{ t: timestamp }] })
  })

  it('takes the day up to now when nothing is said', async () => {
    expect((await api.get('/v1/bars?symbols=AAPL')).json).toMatchObject({ bars: { AAPL: { length: 3 } } })
  })

  it('gives the newest first with sort=desc', async () => {
    const { json } = await api.get(`/v1/bars?symbols=AAPL&${day}&sort=desc&limit=2`)
    expect(json).toMatchObject({ bars: { AAPL: [{ t: minute('14:35') }, { t: minute('14:31') }] } })
  })

  it('leaves out symbols without bars', async () => {
    expect((await api.get(`/v1/bars?symbols=NONE&${day}`)).json).toEqual({ bars: {}, next_page_token: null })
  })

  it('rolls up, exactly', async () => {
    const { json } = await api.get(`/v1/bars?symbols=AAPL&${day}&timeframe=5Min&numbers=string`)
    expect(json).toMatchObject({
      bars: {
        AAPL: [
          {
            t: minute('14:30'),
            o: '150.25',
            h: '151',
            l: '150.2',
            c: '150.87654321',
            v: '2400',
            n: 24,
            vw: '150.37',
          },
          { t: minute('14:35'), v: '0', vw: null },
        ],
      },
    })
  })

  it.each([
    ['5T', '5Min'],
    ['15Minute', '15Min'],
    ['1H', '1Hour'],
    ['4H', '4Hour'],
    ['1D', '1Day'],
    ['1W', '1Week'],
    ['3M', '3Month'],
  ])('takes %s for %s, as Alpaca does', async (synonym, name) => {
    const [one, other] = await Promise.all(
      [synonym, name].map((timeframe) =>
        api.get(`/v1/bars?symbols=AAPL&start=2025-07-01&timeframe=${timeframe}`),
      ),
    )
    expect(one).toMatchObject({ status: 200, json: { bars: { AAPL: expect.anything() } } })
    expect(one?.json).toEqual(other?.json)
  })

  it('knows symbols as they are written: in small letters they are others, without bars', async () => {
    expect((await api.get(`/v1/bars?symbols=aapl&${day}`)).json).toEqual({ bars: {}, next_page_token: null })
  })

  it('gives CSV with the next page in a header', async () => {
    const { body, headers } = await api.get(`/v1/bars?symbols=AAPL&${day}&limit=1`, { accept: 'text/csv' })
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'x-next-page-token': expect.stringMatching(/^\S+$/),
    })
    expect(body).toBe(
      `symbol,t,o,h,l,c,v,n,vw,rev,notional,complete,source\nAAPL,${minute('14:30')},150.25,150.3,150.2,150.25,1200,12,150.24,1,180288,true,\n`,
    )
  })
})

describe('GET /v1/bars/{symbol}', () => {
  it('gives the bars of one symbol in a list', async () => {
    expect((await api.get(`/v1/bars/AAPL?${day}`)).json).toMatchObject({
      symbol: 'AAPL',
      bars: { length: 3 },
    })
  })

  it('takes a symbol with a slash, encoded', async () => {
    expect((await api.get(`/v1/bars/BTC%2FUSD?${day}`)).json).toMatchObject({
      symbol: 'BTC/USD',
      bars: { length: 1 },
    })
  })
})

describe('GET /v1/bars/latest', () => {
  it('gives the newest bar of each symbol that has any', async () => {
    const { json } = await api.get('/v1/bars/latest?symbols=AAPL,BTC/USD,NONE')
    expect(json).toEqual({
      bars: {
        AAPL: expect.objectContaining({ t: minute('14:35') }),
        'BTC/USD': expect.objectContaining({ t: minute('14:30') }),
      },
    })
  })

  it('finds it on whatever day it is', async () => {
    await api.write([bar({ symbol: 'OLD', timestamp: '2013-04-12T00:00:00Z' })])
    await api.write([bar({ symbol: 'OLD', timestamp: '2013-04-13T12:00:00Z' })])
    await api.write([bar({ symbol: 'OLD', timestamp: '2013-04-11T12:00:00Z' })])
    expect((await api.get('/v1/bars/latest?symbols=OLD')).json).toMatchObject({
      bars: { OLD: { t: '2013-04-13T12:00:00Z' } },
    })
  })
})

describe('caching', () => {
  it.each(['/v1/openapi.json', '/docs'])(
    'lets %s be kept for five minutes and asked for again',
    async (path) => {
      const first = await api.get(path)
      expect(first.headers).toMatchObject({ 'cache-control': 'public, max-age=300' })
      expect(await api.get(path, { 'if-none-match': first.headers['etag'] ?? '' })).toMatchObject({
        status: 304,
        body: '',
      })
    },
  )

  it('lets what may change be asked for again, and answers 304 when it has not', async () => {
    const first = await api.get('/v1/bars?symbols=AAPL')
    expect(first.headers['cache-control']).toBe('private, no-cache')
    const again = await api.get('/v1/bars?symbols=AAPL', { 'if-none-match': first.headers['etag'] ?? '' })
    expect(again).toMatchObject({ status: 304, body: '' })
  })

  it('gives CSV that no spreadsheet runs, unless it is wanted raw', async () => {
    await api.write(['=cmd', '@SUM', '+1+1', '-..'].map((symbol) => bar({ symbol, low: '-37.63' })))
    for (const symbol of ['=cmd', '@SUM', '+1+1', '-..']) {
      const path = `/v1/bars/latest?symbols=${encodeURIComponent(symbol)}`
      const rowsOf = async (more: string) =>
        (await api.get(`${path}${more}`, { accept: 'text/csv' })).body.split('\n')[1]
      expect(await rowsOf('')).toMatch(`'${symbol},2025-11-10T17:24:00Z,150.25,150.3,-37.63,`)
      expect(await rowsOf('&formulas=raw')).toMatch(`${symbol},2025-11-10T17:24:00Z,150.25,150.3,-37.63,`)
      expect((await rowsOf('&formulas=raw'))?.startsWith(symbol)).toBe(true)
    }
    expect(await api.get('/v1/bars/latest?symbols=A&formulas=run')).toMatchObject({ status: 400 })
    expect(await api.get('/v1/health?formulas=raw')).toMatchObject({ status: 400 })
  })

  it('lets what is older than the streams be kept for an hour, and what was known then for ever', async () => {
    const old = await api.get('/v1/bars?symbols=AAPL&start=2013-04-12&end=2013-04-13')
    expect(old.headers['cache-control']).toBe('private, max-age=3600')
    const known = await api.get('/v1/bars?symbols=AAPL&asof=2025-11-10T17:00:00Z')
    expect(known.headers['cache-control']).toBe('private, max-age=31536000, immutable')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

const T = (minute: string) => `2025-11-10T17:${minute}:00Z`

beforeAll(async () => {
  api = await startApi()
  await api.write([bar({ timestamp: T('25') })])
  await api.server.as('app_readwrite', async (client) => {
    for (const [minute, indicators] of [
      ['23', '{"sma_20": 150.12345678901234567890, "rsi_14": null}'],
      ['24', '{"sma_20": 151, "rsi_14": 61.5}'],
    ] as const)
      await client.query(
        `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
         VALUES ('AAPL', $1, '1Min', 1, $2, '2025-11-10T17:25:03Z')`,
        [T(minute), indicators],
      )
    for (const [symbol, type, minute, confidence] of [
      ['AAPL', 'doji', '23', '0.5'],
      ['AAPL', 'hammer', '24', '0.875'],
      ['MSFT', 'doji', '24', '0.9'],
      ['MSFT', 'withdrawn', '24', '1'],
    ])
      await client.query(
        `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe,
           revision, direction, strength, pattern_data, withdrawn)
         VALUES ($1, $2, $3, '2025-11-10T17:25:03Z', $4, '1Min', 1, 'bullish', 80, '{"bars": 2, "candles": [{"open": 150.12345678901234567890, "note": "1"}]}', $2 = 'withdrawn')`,
        [symbol, type, confidence, T(minute ?? '')],
      )
  })
})
afterAll(() => api.close())

const stamps = { rev: 1, calculated_at: '2025-11-10T17:25:03.000Z' }

describe('GET /v1/indicators/{symbol}', () => {
  it('gives an entry per minute and indicator', async () => {
    expect((await api.get('/v1/indicators/AAPL')).json).toEqual({
      symbol: 'AAPL',
      indicators: [
        { t: T('23'), name: 'rsi_14', value: null, ...stamps },
        { t: T('23'), name: 'sma_20', value: 150.12345678901235, ...stamps },
        { t: T('24'), name: 'rsi_14', value: 61.5, ...stamps },
        { t: T('24'), name: 'sma_20', value: 151, ...stamps },
      ],
      next_page_token: null,
    })
  })

  it('gives an entry per minute with form=wide, exact with numbers=string', async () => {
    expect(
      (await api.get('/v1/indicators/AAPL?form=wide&names=sma_20,other&numbers=string')).json,
    ).toMatchObject({
      indicators: [
        { t: T('23'), values: { sma_20: '150.12345678901234567890' }, ...stamps },
        { t: T('24'), values: { sma_20: '151' }, ...stamps },
      ],
    })
  })

  it.each([
    [
      'long',
      `symbol,t,name,value,rev,calculated_at\nAAPL,${T('24')},rsi_14,61.5,1,2025-11-10T17:25:03.000Z\n`,
    ],
    ['wide', `symbol,t,rsi_14,rev,calculated_at\nAAPL,${T('24')},61.5,1,2025-11-10T17:25:03.000Z\n`],
  ])('gives CSV in the %s form', async (form, csv) => {
    const { body } = await api.get(`/v1/indicators/AAPL?form=${form}&names=rsi_14&start=${T('24')}`, {
      accept: 'text/csv',
    })
    expect(body).toBe(csv)
  })
})

describe('wide CSV has the same columns on each page', () => {
  it.each([
    ['those that are computed', '', 'symbol,t,rsi_14,sma_20,rev,calculated_at'],
    ['those asked for', '&names=sma_20,other', 'symbol,t,other,sma_20,rev,calculated_at'],
  ])('%s', async (_what, query, header) => {
    const accept = 'text/csv'
    for (const path of [
      `/v1/indicators/AAPL?form=wide${query}`,
      `/v1/indicators/AAPL?form=wide${query}&start=${T('26')}`,
      `/v1/indicators/latest?symbols=AAPL&form=wide${query}`,
      `/v1/indicators/latest?symbols=NONE&form=wide${query}`,
    ])
      expect((await api.get(path, { accept })).body.split('\n')[0]).toBe(header)
  })
})

describe('GET /v1/indicators/latest', () => {
  it('gives the newest of each symbol that has any', async () => {
    expect((await api.get('/v1/indicators/latest?symbols=AAPL,MSFT&form=wide')).json).toEqual({
      indicators: { AAPL: [{ t: T('24'), values: { rsi_14: 61.5, sma_20: 151 }, ...stamps }] },
    })
  })
})

describe('GET /v1/patterns', () => {
  it('gives the newest first, and none that a correction has withdrawn', async () => {
    expect((await api.get('/v1/patterns')).json).toMatchObject({
      patterns: [
        {
          symbol: 'AAPL',
          type: 'hammer',
          t: T('24'),
          timeframe: '1Min',
          confidence: 0.875,
          direction: 'bullish',
          strength: 80,
          rev: 1,
          detected_at: '2025-11-10T17:25:03.000Z',
          data: { bars: 2, candles: [{ open: 150.12345678901235, note: '1' }] },
        },
        { symbol: 'MSFT', type: 'doji' },
        { symbol: 'AAPL', type: 'doji' },
      ],
    })
  })

  it('gives every digit of what the detector saw, as a number, as text or in CSV', async () => {
    const digits = '150.12345678901234567890'
    const asked = '/v1/patterns?types=hammer'
    expect((await api.get(asked)).body).toContain(`"open":${digits}}`)
    expect((await api.get(`${asked}&numbers=string`)).json).toMatchObject({
      patterns: [{ confidence: '0.875', data: { bars: '2', candles: [{ open: digits, note: '1' }] } }],
    })
    expect((await api.get(asked, { accept: 'text/csv' })).body).toContain(`""open"": ${digits}}`)
  })

  it.each([
    ['symbols=MSFT', ['MSFT doji']],
    ['types=doji', ['MSFT doji', 'AAPL doji']],
    ['min_confidence=0.875', ['AAPL hammer', 'MSFT doji']],
    [`end=${T('23')}`, ['AAPL doji']],
    ['types=doji&symbols=AAPL&min_confidence=0.51', []],
  ])('narrows by %s', async (query, found) => {
    expect((await api.get(`/v1/patterns?${query}`)).json).toMatchObject({
      patterns: found.map((text) => {
        const [symbol, type] = text.split(' ')
        return { symbol, type }
      }),
    })
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { selectScreened } from '../../../functions/api/screen/select-screened.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

/** Symbol, minute of 2025-11-10 17:…, close, volume, RSI (none where it is null). */
const BARS = [
  ['AAPL', '24', '10', '100', 40],
  ['AAPL', '25', '12.5', '300', 25.5],
  ['BTC/USD', '25', '9', '0.5', 20],
  ['BTC/EUR', '23', '8', '2', null],
  ['ETH/USD', '24', '7', '50', 80],
] as const

beforeAll(async () => {
  api = await startApi()
  const at = (minute: string) => `2025-11-10T17:${minute}:00Z`
  await api.write([
    ...BARS.map(([symbol, minute, close, volume]) =>
      bar({ symbol, timestamp: at(minute), close, volume, low: '1' }),
    ),
    bar({ symbol: 'OLD', timestamp: '2025-11-01T17:00:00Z', close: '10', low: '1' }),
    // Newer, and no bar any more.
    bar({
      symbol: 'ETH/USD',
      timestamp: at('26'),
      withdrawn: true,
      volume: '0',
      notional: '0',
      vwap: null,
      trade_count: 0,
    }),
  ])
  await api.server.as('app_readwrite', async (client) => {
    for (const [symbol, minute, close, , rsi] of BARS)
      await client.query(
        `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
         VALUES ($1, $2, '1Min', 1, $3, now())`,
        [
          symbol,
          at(minute),
          JSON.stringify({ sma_20: Number(close) - 0.25, ...(rsi !== null && { rsi_14: rsi }) }),
        ],
      )
    for (const [symbol, type, minute, withdrawn] of [
      ['AAPL', 'hammer', '25', false],
      ['AAPL', 'doji', '24', false],
      ['BTC/USD', 'hammer', '25', true],
    ])
      await client.query(
        `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision, withdrawn)
         VALUES ($1, $2, 0.5, now(), $3, '1Min', 1, $4)`,
        [symbol, type, at(String(minute)), withdrawn],
      )
  })
})
afterAll(() => api.close())

const answerSchema = z.object({
  matches: z.array(z.object({ symbol: z.string(), t: z.string() })),
  found: z.number(),
  screened: z.number(),
})

async function screen(parameters: Readonly<Record<string, string>>) {
  const { status, json } = await api.get(`/v1/screen?${new URLSearchParams(parameters).toString()}`)
  expect([status, json]).toMatchObject([200, {}])
  return answerSchema.parse(json)
}

describe('GET /v1/screen', () => {
  it('gives the symbols for whose newest bar a condition holds, with what it names', async () => {
    const query = new URLSearchParams({
      where: 'rsi_14 < 30 and (hammer or close < 10)',
      order: 'close * volume',
      sort: 'desc',
      numbers: 'string',
    })
    expect((await api.get(`/v1/screen?${query.toString()}`)).json).toEqual({
      matches: [
        {
          symbol: 'AAPL',
          t: '2025-11-10T17:25:00Z',
          values: { close: '12.5', rsi_14: '25.5', volume: '300' },
          patterns: ['hammer'],
        },
        {
          symbol: 'BTC/USD',
          t: '2025-11-10T17:25:00Z',
          values: { close: '9', rsi_14: '20', volume: '0.5' },
          patterns: [],
        },
      ],
      found: 2,
      screened: 4,
    })
  })

  it.each([
    ['close > 0', {}, ['AAPL', 'BTC/EUR', 'BTC/USD', 'ETH/USD']],
    ['close > 0', { symbols: '*' }, ['AAPL', 'BTC/EUR', 'BTC/USD', 'ETH/USD']],
    ['close > 0', { symbols: 'BTC*,AAPL' }, ['AAPL', 'BTC/EUR', 'BTC/USD']],
    ['close > 0', { symbols: 'BTC*', text: 'usd' }, ['BTC/USD']],
    ['close > 0', { text: '%' }, []],
    ['rsi_14 > 0', {}, ['AAPL', 'BTC/USD', 'ETH/USD']],
    ['not rsi_14 > 0', {}, []],
    ['not hammer', {}, ['BTC/EUR', 'BTC/USD', 'ETH/USD']],
    ['doji', {}, []],
    ['doji', { at: '2025-11-10T17:24:30Z' }, ['AAPL']],
    ['close crosses above 11', {}, ['AAPL']],
    ['close crosses below 11', {}, []],
    ['close > 0', { order: 'rsi_14' }, ['BTC/USD', 'AAPL', 'ETH/USD', 'BTC/EUR']],
    ['close > 0', { order: 'rsi_14', sort: 'desc' }, ['ETH/USD', 'AAPL', 'BTC/USD', 'BTC/EUR']],
    ['close > 0', { at: '2025-11-02' }, ['OLD']],
    ['close > 0', { at: '2025-10-01' }, []],
  ])('of %s with %j are %j', async (where, parameters, symbols) => {
    const { matches } = await screen({ where, ...parameters })
    expect(matches.map(({ symbol }) => symbol)).toEqual(symbols)
  })

  it('gives as many as are asked for, and says how many there are', async () => {
    const { matches, found } = await screen({ where: 'close > 0', limit: '2' })
    expect([matches.length, found]).toEqual([2, 4])
  })

  it('gives files with a column for each number and pattern', async () => {
    const { body } = await api.get('/v1/screen?where=rsi_14%3C30+or+hammer&symbols=AAPL&format=csv')
    expect(body).toBe('symbol,t,close,rsi_14,hammer\nAAPL,2025-11-10T17:25:00Z,12.5,25.5,true\n')
  })

  it.each([
    ['where=', /where is ""; allowed: a condition/],
    ['where=rsi_14', /a comparison or a pattern is expected, and there is a number at character 1/],
    ['where=close+%3E+sma_7', /there is no "sma_7" at character 9/],
    ['where=doji&order=doji', /order is "doji"; .* at character 1/],
    ["where=close%3E'1'", /no number, name or sign: "'1'" at character 7/],
    ['where=doji&symbols=,', /symbols is ","/],
    ['where=doji&limit=all', /limit is "all"; allowed: a whole number from 1 to 10000/],
    ['', /where is missing/],
  ])('refuses %s', async (query, detail) => {
    expect((await api.get(`/v1/screen?${query}`)).json).toMatchObject({
      status: 400,
      detail: expect.stringMatching(detail),
    })
  })

  it('is not asked for ever', async () => {
    api.tick = 10_000
    const { status, json } = await api.get('/v1/screen?where=doji')
    api.tick = 0
    expect([status, json]).toMatchObject([
      503,
      { type: 'urn:tickstock:too-slow', detail: expect.stringMatching(/^The bars of 0 of 4 symbols/) },
    ])
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

describe('what is read of stored bars', () => {
  it.each([true, false])(
    'is what a screen asks for: two bars of a symbol where it looks back (%s)',
    async (looksBack) => {
      const rows = await api.server.as('app_readonly', (client) =>
        selectScreened(client, ['AAPL', 'BTC/EUR'], {
          time: Date.parse('2025-11-10T17:30:00Z'),
          own: ['volume', 'close'],
          indicators: [],
          patterns: [],
          looksBack,
        }),
      )
      const of = (symbol: string, own: readonly string[]) => ({ symbol, own, computed: [], patterns: [] })
      expect(rows).toMatchObject([
        of('AAPL', ['300', '12.5']),
        ...(looksBack ? [of('AAPL', ['100', '10'])] : []),
        of('BTC/EUR', ['2', '8']),
      ])
    },
  )
})

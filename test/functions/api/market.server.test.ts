import { createHash } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, NOW, startApi } from './harness.ts'

let api: ApiHarness

const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString().replace('.000Z', 'Z')
const priced = (symbol: string, minutesAgo: number, price: number) =>
  bar({
    symbol,
    timestamp: at(minutesAgo),
    open: String(price),
    high: String(price),
    low: String(price),
    close: String(price),
    vwap: String(price),
  })

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

describe('without any bars', () => {
  it.each([
    ['/v1/bars?symbols=AAPL', { bars: {}, next_page_token: null }],
    ['/v1/bars/latest?symbols=AAPL', { bars: {} }],
    ['/v1/bars/AAPL/revisions', { symbol: 'AAPL', revisions: [], next_page_token: null }],
    ['/v1/indicators/AAPL', { symbol: 'AAPL', indicators: [], next_page_token: null }],
    ['/v1/indicators/latest?symbols=AAPL', { indicators: {} }],
    ['/v1/patterns', { patterns: [], next_page_token: null }],
    ['/v1/symbols', { symbols: [], next_page_token: null }],
    ['/v1/movers', { session_start: null, last_updated: null, gainers: [], losers: [] }],
    ['/v1/breadth', expect.objectContaining({ symbols: 0, share_above_sma20: null, last_updated: null })],
    [
      '/v1/stats',
      expect.objectContaining({ bars: 0, newest_bar: null, lag_seconds: null, latency_ms: null }),
    ],
  ])('%s is empty, not an error', async (path, json) => {
    expect(await api.get(path)).toMatchObject({ status: 200, json })
  })

  it('health is unhealthy', async () => {
    expect(await api.get('/v1/health')).toMatchObject({
      status: 503,
      json: { status: 'unhealthy', reason: 'there are no bars', newest_bar: null, age_seconds: null },
    })
  })
})

describe('with bars', () => {
  beforeAll(async () => {
    const rising = Array.from({ length: 30 }, (_, index) => priced('UP', 30 - index, 100 + index))
    await api.write([
      ...rising,
      priced('DOWN', 20, 200),
      priced('DOWN', 1, 150),
      priced('FLAT', 20, 50),
      priced('FLAT', 1, 50),
      // Yesterday's, which is no part of the session.
      priced('UP', 60 * 24, 1),
      priced('GONE', 60 * 24, 1),
    ])
  })

  it('symbols have their first and last bars', async () => {
    expect((await api.get('/v1/symbols')).json).toEqual({
      symbols: [
        { symbol: 'DOWN', first: at(20), last: at(1) },
        { symbol: 'FLAT', first: at(20), last: at(1) },
        { symbol: 'GONE', first: at(60 * 24), last: at(60 * 24) },
        { symbol: 'UP', first: at(60 * 24), last: at(1) },
      ],
      next_page_token: null,
    })
  })

  it('movers are measured from the first bar of the session', async () => {
    expect((await api.get('/v1/movers')).json).toEqual({
      session_start: '2025-11-10T00:00:00Z',
      last_updated: at(1),
      gainers: [{ symbol: 'UP', price: 129, change: 29, percent_change: 29 }],
      losers: [{ symbol: 'DOWN', price: 150, change: -50, percent_change: -25 }],
    })
  })

  it('the session can be a day of New York', async () => {
    expect((await api.get('/v1/movers?tz=America/New_York')).json).toMatchObject({
      session_start: '2025-11-10T05:00:00Z',
    })
  })

  it('breadth counts them, and the share above the average of 20 minutes', async () => {
    expect((await api.get('/v1/breadth')).json).toEqual({
      session_start: '2025-11-10T00:00:00Z',
      last_updated: at(1),
      symbols: 3,
      advancing: 1,
      declining: 1,
      unchanged: 1,
      with_sma20: 1,
      above_sma20: 1,
      share_above_sma20: 1,
    })
  })

  it('stats are those of the last ten minutes', async () => {
    expect((await api.get('/v1/stats')).json).toMatchObject({
      bars: 12,
      ticks: 144,
      corrected_bars: 0,
      newest_bar: at(1),
      lag_seconds: 0,
      minutes: expect.arrayContaining([{ t: at(1), bars: 3, ticks: 36 }]),
    })
  })

  it('latency is that of bars that closed live, not of a flush or a replay', async () => {
    await api.server.as('app_readwrite', (client) =>
      client.query(
        `UPDATE ohlcv_1min SET written_at = closed_at + CASE WHEN timestamp BETWEEN '2025-11-10T17:22:00Z' AND '2025-11-10T17:24:00Z' THEN interval '40 ms' ELSE interval '1 hour' END
         WHERE timestamp >= '2025-11-10T17:00:00Z'`,
      ),
    )
    // The helper closes all of them at 17:25:00.123: 17:22 to 17:24 live, later ones too early.
    expect((await api.get('/v1/stats')).json).toMatchObject({ latency_ms: { p50: 40, p99: 40, max: 40 } })
  })

  it('health is healthy until the newest bar is late', async () => {
    expect(await api.get('/v1/health')).toMatchObject({
      status: 200,
      json: { status: 'healthy', age_seconds: 60 },
    })
    api.now = NOW + 120_000
    expect(await api.get('/v1/health')).toMatchObject({ status: 200, json: { age_seconds: 180 } })
    api.now = NOW + 121_000
    expect(await api.get('/v1/health')).toMatchObject({
      status: 503,
      json: { status: 'unhealthy', reason: 'the newest bar began 181 s ago; up to 180 s is healthy' },
    })
    api.now = NOW
  })
})

/** By which a stream gives its partition key to a shard. */
const hashKeyOf = (symbol: string) => createHash('md5').update(symbol).digest('hex')

/** Bars in each of so many minutes, the last of which began so long ago. */
const barsOf = (symbol: string, last: number, { count = 20, every = 1 } = {}) =>
  Array.from({ length: count }, (_, index) => priced(symbol, last + index * every, 10))

describe('health', () => {
  it('tells how many of the active symbols are silent: one, or a tenth, is no reason', async () => {
    api.now = Date.parse('2025-11-12T15:00:00Z')
    const ago = (api.now - NOW) / 60_000
    const recent = (symbol: string, last: number, options = {}) => barsOf(symbol, last - ago, options)
    await api.write(Array.from({ length: 19 }, (_, index) => recent(`S${index}`, 1)).flat())
    // Who trades every five minutes is not active, and who had two bars neither.
    await api.write([...recent('RARE', 5, { count: 10, every: 5 }), ...recent('NEW', 10, { count: 2 })])
    await api.write(recent('Q1', 4))
    expect(await api.get('/v1/health')).toMatchObject({
      status: 200,
      json: { status: 'healthy', reason: null, active_symbols: 20, silent_symbols: 1 },
    })
    await api.write(recent('Q2', 4))
    expect(await api.get('/v1/health')).toMatchObject({ status: 200, json: { silent_symbols: 2 } })
    await api.write(recent('Q3', 30))
    expect(await api.get('/v1/health')).toMatchObject({
      status: 503,
      json: {
        status: 'unhealthy',
        reason:
          '3 of 22 active symbols have no bar that began in the last 180 s; one, or a tenth, is healthy',
      },
    })
    api.now = NOW
  })

  it('tells of a shard that makes no headway, though fewer than a tenth of the symbols are on it', async () => {
    api.now = Date.parse('2025-11-14T15:00:00Z')
    const ago = (api.now - NOW) / 60_000
    const byHashKey = Array.from({ length: 100 }, (_, index) => `H${index}`).toSorted((a, b) =>
      hashKeyOf(a) < hashKeyOf(b) ? -1 : 1,
    )
    const write = (symbols: readonly string[], last: number) =>
      api.write(symbols.flatMap((symbol) => barsOf(symbol, last - ago, { count: 5 })))
    // Five of a hundred that lie apart may be silent for reasons of their own.
    const apart = new Set(byHashKey.filter((_, index) => index % 20 === 3))
    await write(byHashKey, 10)
    await write(
      byHashKey.filter((symbol) => !apart.has(symbol)),
      1,
    )
    expect(await api.get('/v1/health')).toMatchObject({
      status: 200,
      json: { status: 'healthy', active_symbols: 100, silent_symbols: 5 },
    })
    api.now += 60 * 60_000
    const together = new Set(byHashKey.slice(40, 45))
    await write(byHashKey, 10 - 60)
    await write(
      byHashKey.filter((symbol) => !together.has(symbol)),
      1 - 60,
    )
    expect(await api.get('/v1/health')).toMatchObject({
      status: 503,
      json: {
        status: 'unhealthy',
        silent_symbols: 5,
        reason:
          '5 symbols whose hash keys follow each other have no bar that began in the last 180 s, and 95 of 100 active symbols have: a shard of the stream ticks or bars makes no headway',
      },
    })
    api.now = NOW
  })

  it('and stats look at no bar of the future, which a clock that was ahead has left', async () => {
    api.now = Date.parse('2025-11-16T15:00:00Z')
    const ago = (api.now - NOW) / 60_000
    await api.write([...barsOf('AHEAD', 4 - ago), ...barsOf('AHEAD', -60 - ago, { count: 1 })])
    expect(await api.get('/v1/health')).toMatchObject({ status: 503, json: { age_seconds: 240 } })
    expect((await api.get('/v1/stats')).json).toMatchObject({ lag_seconds: 180 })
    await api.write(barsOf('AHEAD', 0 - ago, { count: 1 }))
    expect(await api.get('/v1/health')).toMatchObject({ status: 200, json: { age_seconds: 0 } })
    expect((await api.get('/v1/stats')).json).toMatchObject({ lag_seconds: 0 })
    api.now = NOW
  })

  it('that is unhealthy is an answer, not a failure of the API', async () => {
    api.now = Date.parse('2025-11-13T15:00:00Z')
    expect(await api.get('/v1/health')).toMatchObject({ status: 503, json: { status: 'unhealthy' } })
    expect(api.measured.at(-1)).toMatchObject({ failures: 0 })
    api.now = NOW
  })
})

describe('with a session of 14:30-21:00', () => {
  let closing: ApiHarness
  beforeAll(async () => {
    closing = await startApi({ tradingHours: parseTradingHours('14:30-21:00') })
  })
  afterAll(() => closing.close())

  it.each([
    ['2025-11-10T14:29:00Z', 200, 'closed'],
    ['2025-11-10T14:32:59Z', 200, 'closed'],
    ['2025-11-10T14:33:00Z', 503, 'unhealthy'],
    ['2025-11-10T20:59:00Z', 503, 'unhealthy'],
    ['2025-11-10T21:00:00Z', 200, 'closed'],
    ['2025-11-15T15:00:00Z', 200, 'closed'],
  ])('health without bars at %s is %i, %s', async (time, status, word) => {
    closing.now = Date.parse(time)
    expect(await closing.get('/v1/health')).toMatchObject({
      status,
      json: { status: word, reason: 'there are no bars' },
    })
  })
})

describe('with hours by symbol', () => {
  let mixed: ApiHarness
  beforeAll(async () => {
    mixed = await startApi({ tradingHours: parseTradingHours('{"BTC/USD":"24/7","*":"XNYS"}') })
    await mixed.write([
      ...barsOf('AAPL', 30, { count: 20 }),
      ...barsOf('MSFT', 30, { count: 20 }),
      ...barsOf('BTC/USD', 1, { count: 30 }),
    ])
  })
  afterAll(() => mixed.close())

  it('a symbol whose market is closed is not silent', async () => {
    expect(await mixed.get('/v1/health')).toMatchObject({
      status: 503,
      json: { active_symbols: 3, silent_symbols: 2 },
    })
    const other = await startApi({
      server: mixed.server,
      tradingHours: parseTradingHours('{"BTC/USD":"24/7","*":"UTC 18:00-19:00"}'),
    })
    expect(await other.get('/v1/health')).toMatchObject({
      status: 200,
      json: { status: 'healthy', active_symbols: 1, silent_symbols: 0 },
    })
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

it('a symbol that opened at zero or below moved by no percentage', async () => {
  const market = await startApi()
  await market.write([
    priced('WTI', 20, -10),
    priced('WTI', 1, -5),
    priced('ZERO', 20, 0),
    priced('ZERO', 1, 5),
    priced('FELL', 20, 10),
    priced('FELL', 1, -5),
  ])
  expect((await market.get('/v1/movers')).json).toMatchObject({
    gainers: [],
    losers: [{ symbol: 'FELL', change: -15, percent_change: -150 }],
  })
  await market.close()
})

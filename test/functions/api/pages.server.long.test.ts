import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, NOW, startApi } from './harness.ts'

/** What Lambda takes as a function's result, in bytes. */
const LAMBDA_LIMIT = 6_291_556

const SPAN = 'start=2025-11-01&end=2025-11-10T17:00:00Z'
const MINUTES = [
  ...Array.from({ length: 8 }, (_, index) => `2025-11-02T14:${30 + index}:00Z`),
  '2025-11-05T23:59:00Z',
  '2025-11-06T00:00:00Z',
  ...Array.from({ length: 8 }, (_, index) => `2025-11-10T14:${30 + index}:00Z`),
]
const SYMBOLS = ['AAPL', 'BTC/USD', 'MSFT']

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  const bars = SYMBOLS.flatMap((symbol) => MINUTES.map((timestamp) => bar({ symbol, timestamp })))
  await api.write(bars)
  for (const revision of [2, 3])
    await api.write(bars.filter((_, index) => index % 3 > 0).map((each) => ({ ...each, revision })))
  await api.server.as('app_readwrite', async (client) => {
    await client.query(`UPDATE ohlcv_1min SET written_at = '2025-11-10T17:10:00Z' WHERE revision = 3`)
    await client.query('DELETE FROM bar_revisions WHERE revision = 3')
    await client.query(`UPDATE bar_revisions SET written_at = '2025-11-10T17:05:00Z'`)
    await client.query(
      `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
       SELECT symbol, timestamp, '1Min', 1, '{"sma_20": 151.5, "rsi_14": null}', now() FROM ohlcv_1min`,
    )
    await client.query(
      `INSERT INTO intraday_patterns (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision)
       SELECT symbol, type, 0.5, now(), timestamp, '1Min', 1 FROM ohlcv_1min, unnest('{doji,hammer}'::text[]) AS type`,
    )
    await client.query(
      `INSERT INTO indicator_values (symbol, timestamp, timeframe, revision, indicators, calculation_timestamp)
       SELECT 'LARGE', minute, '1Min', 1,
         (SELECT jsonb_object_agg('indicator_' || n, 1234567.12345678 + n) FROM generate_series(1, 35) AS n), now()
       FROM generate_series(timestamptz '2025-11-03T00:00:00Z', '2025-11-05T00:00:00Z', '1 minute') AS minute`,
    )
    await client.query(
      `INSERT INTO intraday_patterns
         (symbol, pattern_type, confidence, detection_timestamp, timestamp, timeframe, revision, pattern_data)
       SELECT 'LARGE', 'doji', 0.5, now(), minute, '1Min', 1,
         (SELECT jsonb_object_agg('measure_' || n, 1234567.12345678 + n) FROM generate_series(1, 35) AS n)
       FROM generate_series(timestamptz '2025-11-03T00:00:00Z', '2025-11-08T00:00:00Z', '1 minute') AS minute`,
    )
    await client.query(`INSERT INTO symbols VALUES ('LARGE', '2025-11-03', '2025-11-08')`)
  })
})
afterAll(() => api.close())
afterEach(() => {
  api.tick = 0
  api.now = NOW
})

const pageSchema = z.looseObject({ next_page_token: z.string().nullable() })

/** The entries of an answer, each under its symbol where it has one. */
const entriesOf = ({ next_page_token: _token, symbol: _symbol, ...lists }: z.infer<typeof pageSchema>) =>
  Object.values(lists).flatMap((list): unknown[] =>
    Array.isArray(list)
      ? list
      : Object.entries(z.record(z.string(), z.array(z.unknown())).parse(list)).flatMap(([name, all]) =>
          all.map((entry) => [name, entry]),
        ),
  )

/** All entries, and how many each page had. */
async function allPages(target: string) {
  const entries: unknown[] = []
  const sizes: number[] = []
  let token: string | null = ''
  while (token !== null) {
    const answer = await api.get(`${target}${token === '' ? '' : `&page_token=${token}`}`)
    expect(answer.status).toBe(200)
    const page = pageSchema.parse(answer.json)
    expect(answer.headers['x-next-page-token'] ?? null).toBe(page.next_page_token)
    sizes.push(entriesOf(page).length)
    entries.push(...entriesOf(page))
    token = page.next_page_token
  }
  return { entries, sizes }
}

const LISTS = [
  [`/v1/bars?symbols=AAPL,BTC/USD,MSFT,NONE&${SPAN}`, 54],
  [`/v1/bars?symbols=AAPL,BTC/USD,MSFT&${SPAN}&sort=desc`, 54],
  [`/v1/bars?symbols=AAPL,MSFT&${SPAN}&timeframe=4Hour&tz=America/New_York`, 6],
  [`/v1/bars?symbols=AAPL,MSFT&${SPAN}&asof=2025-11-10T17:06:00Z`, 24],
  [`/v1/bars/AAPL?${SPAN}&asof=2025-11-10T17:10:00Z&sort=desc`, 12],
  [`/v1/bars/AAPL/revisions?${SPAN}`, 36],
  [`/v1/indicators/AAPL?${SPAN}`, 36],
  [`/v1/indicators/AAPL?${SPAN}&form=wide`, 18],
  [`/v1/patterns?symbols=AAPL,BTC/USD,MSFT&${SPAN}`, 108],
  [`/v1/patterns?symbols=MSFT&types=doji&${SPAN}`, 18],
  ['/v1/symbols?', 3],
] as const

describe.each(LISTS)('the pages of %s', (target, count) => {
  const whole = async () => {
    const { entries, sizes } = await allPages(`${target}&limit=10000`)
    expect(sizes).toEqual([count])
    return entries
  }

  it('are together what one page is, whatever the limit', async () => {
    const entries = await whole()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: count + 1 }), async (limit) => {
        const paged = await allPages(`${target}&limit=${limit}`)
        expect(paged.entries).toEqual(entries)
      }),
      { numRuns: 6 },
    )
  })

  it('are the same when time runs out after each statement', async () => {
    const entries = await whole()
    api.tick = 2500
    expect((await allPages(`${target}&limit=7`)).entries).toEqual(entries)
  })
})

describe('the last statement of a page', () => {
  it.each([
    ['/v1/bars/AAPL', 'start=2025-11-10&end=2025-11-11'],
    ['/v1/bars', 'symbols=AAPL,MSFT&start=2025-11-10&end=2025-11-11'],
    ['/v1/indicators/AAPL', 'start=2025-11-10&end=2025-11-11'],
    ['/v1/patterns', 'symbols=AAPL&start=2025-11-10&end=2025-11-11'],
  ])('has no page behind it, however long it took, so that %s stays the same', async (path, query) => {
    const quick = await api.get(`${path}?${query}`)
    api.tick = 2500
    const slow = await api.get(`${path}?${query}`)
    expect(pageSchema.parse(slow.json).next_page_token).toBeNull()
    expect(slow.headers['etag']).toBe(quick.headers['etag'])
  })
})

describe('a page that is too large for Lambda', () => {
  it.each([
    [`/v1/indicators/LARGE?${SPAN}&limit=10000`, 2881 * 35],
    [`/v1/indicators/LARGE?${SPAN}&form=wide&limit=10000`, 2881],
    [`/v1/patterns?symbols=LARGE&${SPAN}&limit=10000`, 7201],
  ])('is ended early: %s', async (target, count) => {
    const { entries, sizes } = await allPages(target)
    expect(entries).toHaveLength(count)
    expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(count)
    if (!target.includes('wide')) expect(sizes.length).toBeGreaterThan(1)
  })

  it.each(['application/json', 'text/csv'])('so that each fits, as %s', async (accept) => {
    for (const target of [
      `/v1/indicators/LARGE?${SPAN}&limit=10000&numbers=string`,
      `/v1/patterns?symbols=LARGE&${SPAN}&limit=10000&numbers=string`,
    ]) {
      const { status, headers, body } = await api.get(target, { accept })
      const result = JSON.stringify({ statusCode: status, headers, body })
      expect(Buffer.byteLength(result)).toBeLessThan(LAMBDA_LIMIT)
      expect(body.length).toBeGreaterThan(1_000_000)
      expect(headers['x-next-page-token']).toMatch(/./)
    }
  })
})

it('the token of the same page is the same for a minute, and so its ETag', async () => {
  const tokens = new Set<string | undefined>()
  for (const later of [0, 20_000, 59_999, 60_000]) {
    api.now = NOW + later
    tokens.add((await api.get('/v1/bars/AAPL?limit=1')).headers['etag'])
  }
  expect(tokens.size).toBe(2)
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { READ_SESSION } from '../../../functions/api/read-session.ts'
import { openDatabase } from '../../../functions/shared/postgres/database.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'
import { explainRequest } from './plans.ts'

let api: ApiHarness

const known = { notional: '150', volume: '1', vwap: '150', trade_count: 1, complete: true }
const minute = (symbol: string, timestamp: string, change = {}) =>
  bar({ symbol, timestamp, ...known, ...change })

beforeAll(async () => {
  api = await startApi()
  await api.write([
    minute('A', '2025-02-01T05:00:00Z', {
      open: '1.5',
      low: '1',
      volume: '0.000000000000000001',
      notional: '0.00000000000000000225',
    }),
    minute('A', '2025-03-15T12:00:00Z', { low: '-3', complete: null }),
    minute('A', '2025-04-01T03:59:00Z', {
      close: '7.25',
      low: '7',
      high: '200',
      notional: '99.000000000000000001',
    }),
    minute('A', '2025-04-01T04:00:00Z', { complete: false }),
    minute('A', '2025-06-30T12:00:00Z', { source: 'binance', vwap: null, notional: null }),
    minute('B', '2025-03-15T12:00:00Z'),
    minute('GONE', '2025-03-15T12:00:00Z', {
      withdrawn: true,
      volume: '0',
      notional: '0',
      vwap: null,
      trade_count: 0,
    }),
  ])
  await api.write([minute('A', '2025-03-15T12:00:00Z', { low: '-4', complete: null, revision: 2 })])
})
afterAll(() => api.close())

const answerSchema = z.object({
  bars: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
  next_page_token: z.string().nullable(),
})
const OF_ALL = '/v1/bars?symbols=A,B,GONE&tz=America/New_York&start=2024-12-01&numbers=string'
const read = async (query: string) => answerSchema.parse((await api.get(`${OF_ALL}${query}`)).json)
const quarters = {
  A: [{ t: '2025-01-01T05:00:00Z' }, { t: '2025-04-01T04:00:00Z' }],
  B: [{ t: '2025-01-01T05:00:00Z' }],
}

describe('bars of several months', () => {
  it('are the exact sums of all their minutes', async () => {
    const { bars, next_page_token: token } = await read('&timeframe=3Month')
    expect(token).toBeNull()
    expect(Object.keys(bars)).toEqual(['A', 'B'])
    expect(bars).toMatchObject(quarters)
    expect(bars['A']?.[0]).toEqual({
      t: '2025-01-01T05:00:00Z',
      o: '1.5',
      h: '200',
      l: '-4',
      c: '7.25',
      v: '2.000000000000000001',
      n: 3,
      // 249.00000000000000000325 / 2.000000000000000001, rounded.
      vw: '124.5',
      notional: '249.00000000000000000325',
      rev: 4,
      complete: null,
    })
    expect(bars['A']?.[1]).toMatchObject({
      v: '2',
      vw: null,
      notional: null,
      complete: false,
      source: 'binance',
    })
  })

  it('of a year are those of its quarters', async () => {
    const { bars } = await read('&timeframe=12Month')
    expect(bars['A']).toMatchObject([
      { t: '2025-01-01T05:00:00Z', o: '1.5', l: '-4', n: 5, rev: 6, complete: false },
    ])
  })

  it('come in pages, in both orders', async () => {
    for (const sort of ['asc', 'desc']) {
      const whole = await read(`&timeframe=1Month&sort=${sort}`)
      const found: unknown[] = []
      for (let token: string | null = ''; token !== null;) {
        const page = await read(
          `&timeframe=1Month&sort=${sort}&limit=1${token === '' ? '' : `&page_token=${token}`}`,
        )
        found.push(...Object.values(page.bars).flat())
        token = page.next_page_token
      }
      expect(found).toEqual(Object.values(whole.bars).flat())
      expect(found).toHaveLength(5)
    }
  })

  it('are as they were known at a time', async () => {
    const { json } = await api.get('/v1/bars/A/revisions?start=2025-03-01&end=2025-03-31')
    const [{ written_at: first }] = z
      .object({ revisions: z.tuple([z.object({ written_at: z.string() }), z.unknown()]) })
      .parse(json).revisions
    api.now = Date.now() + 120_000
    const { bars } = await read(`&timeframe=3Month&asof=${first}`)
    expect(bars['A']?.[0]).toMatchObject({ l: '-3', rev: 3 })
  })

  it('may be CSV, and are not sent again where nothing has changed', async () => {
    api.now = Date.now() + 3_600_000
    const target = `${OF_ALL}&timeframe=6Month&end=2025-11-01`
    const { body, headers } = await api.get(target, { accept: 'text/csv' })
    expect(body.split('\n')[1]).toMatch(
      /^A,2025-01-01T05:00:00Z,1.5,200,-4,150.25,4.000000000000000001,5,,6,,false,binance/,
    )
    const again = await api.get(target, { accept: 'text/csv', 'if-none-match': headers['etag'] ?? '' })
    expect(again.status).toBe(304)
  })

  it('fill until their end', async () => {
    api.now = Date.parse('2025-03-20T00:00:00Z')
    expect((await read('&timeframe=3Month')).bars['B']).toMatchObject([{ complete: false }])
    api.now = Date.now() + 3_600_000
    expect((await read('&timeframe=3Month')).bars['B']).toMatchObject([{ complete: true }])
  })

  it('fill no longer once there is a minute in the hour behind them, whatever else is asked for', async () => {
    await api.write([minute('C', '2025-01-15T12:00:00Z'), minute('C', '2025-02-01T00:59:00Z')])
    api.now = Date.now()
    const { json } = await api.get('/v1/bars/C?timeframe=1Month&start=2025-01-01&end=2025-01-01')
    expect(json).toMatchObject({ bars: [{ t: '2025-01-01T00:00:00Z', complete: true }] })
  })
})

it('a statement looks at a month of days at the most, however long bars are', async () => {
  const database = openDatabase(async () => api.server.credentials('app_readonly'), {
    ssl: false,
    applicationName: 'test',
    ...READ_SESSION,
  })
  await api.server.as('owner', (client) =>
    client.query(
      `SELECT ensure_partition('ohlcv_1min', day::date)
       FROM generate_series(timestamp '2025-01-01', timestamp '2025-11-11', '1 day') AS day
       WHERE to_regclass('public.' || partition_name('ohlcv_1min', day::date)) IS NULL`,
    ),
  )
  for (const timeframe of ['1Month', '12Month']) {
    const { status, statements } = await explainRequest(
      database,
      `/v1/bars?symbols=A,B&timeframe=${timeframe}&start=2025-01-01`,
      () => Date.parse('2025-11-11T00:00:00Z'),
    )
    const partitions = statements.map(
      ({ nodes }) =>
        new Set(nodes.map((node) => node['Relation Name']).filter((name) => name?.startsWith('ohlcv'))).size,
    )
    expect(status).toBe(200)
    expect(Math.max(...partitions)).toBeGreaterThan(27)
    expect(Math.max(...partitions)).toBeLessThanOrEqual(32)
  }
  await database.end()
})

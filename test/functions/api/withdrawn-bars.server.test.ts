import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { indicatorRow } from '../../../functions/bar-writer/indicator-row.ts'
import { writeIndicators } from '../../../functions/bar-writer/write-indicators.ts'
import type { BarRecord } from '../../../functions/shared/streams/records.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

const SPAN = 'start=2025-11-10T14:00:00Z&end=2025-11-10T15:00:00Z'
const MINUTE_MS = 60_000

let api: ApiHarness
/** When the bars that are withdrawn later were written. */
let before: string

const at = (minute: number, others: Partial<BarRecord> = {}): BarRecord =>
  bar({ timestamp: `2025-11-10T14:${minute}:00Z`, notional: '180288', complete: true, ...others })
const withdrawn = (minute: number, others: Partial<BarRecord> = {}): BarRecord =>
  at(minute, {
    revision: 2,
    volume: '0',
    notional: '0',
    vwap: null,
    trade_count: 0,
    complete: null,
    withdrawn: true,
    ...others,
  })

beforeAll(async () => {
  api = await startApi()
  await api.write([
    at(30, { open: '1', high: '900', low: '1', close: '2' }),
    at(31, { open: '150.1', low: '150.1' }),
    at(32, { close: '150.22' }),
    at(33, { high: '999', low: '2', close: '3' }),
    at(40),
    at(30, { symbol: 'GONE' }),
    at(30, { symbol: 'OLD', timestamp: '2025-11-07T14:30:00Z', close: '150.28' }),
    at(30, { symbol: 'OLD' }),
  ])
  const { rows } = await api.server.as('app_readonly', (client) =>
    client.query('SELECT max(written_at) AS at FROM ohlcv_1min'),
  )
  before = z
    .tuple([z.object({ at: z.date() })])
    .parse(rows)[0]
    .at.toISOString()
  const late = [withdrawn(33), withdrawn(30), withdrawn(40), withdrawn(30, { symbol: 'OLD' })]
  await api.write([...late, withdrawn(30, { symbol: 'GONE' })])
  // Delivered again, in the revision of before.
  await api.write([at(33), at(40)])
  api.now = Date.now() + 2 * MINUTE_MS
})
afterAll(() => api.close())

const barsSchema = z.object({ bars: z.array(z.record(z.string(), z.unknown())) })
const barsOf = async (query: string, symbol = 'AAPL') =>
  barsSchema.parse((await api.get(`/v1/bars/${symbol}?${query}`)).json).bars

describe('a bar that is withdrawn', () => {
  it('is no bar any more, in either order, and the first and last are those that are left', async () => {
    const left = ['2025-11-10T14:31:00Z', '2025-11-10T14:32:00Z']
    expect((await barsOf(SPAN)).map(({ t }) => t)).toEqual(left)
    expect((await barsOf(`${SPAN}&sort=desc`)).map(({ t }) => t)).toEqual(left.toReversed())
    expect(await barsOf(SPAN, 'GONE')).toEqual([])
    expect((await api.get('/v1/symbols')).json).toMatchObject({
      symbols: [
        { symbol: 'AAPL', first: left[0], last: left[1] },
        { symbol: 'OLD', first: '2025-11-07T14:30:00Z', last: '2025-11-07T14:30:00Z' },
      ],
    })
  })

  it('is not the newest, also where its day has no other', async () => {
    const { json } = await api.get('/v1/bars/latest?symbols=AAPL,GONE,OLD')
    expect(json).toMatchObject({
      bars: { AAPL: { t: '2025-11-10T14:32:00Z' }, OLD: { t: '2025-11-07T14:30:00Z', c: 150.28 } },
    })
    expect(json).not.toHaveProperty('bars.GONE')
  })

  it('leaves longer bars that are those of the other minutes, with a revision that has grown', async () => {
    expect(await barsOf(`${SPAN}&timeframe=5Min`)).toMatchObject([
      {
        t: '2025-11-10T14:30:00Z',
        o: 150.1,
        h: 150.3,
        l: 150.1,
        c: 150.22,
        v: 2400,
        n: 24,
        vw: 150.24,
        rev: 6,
        notional: 360_576,
        complete: true,
      },
    ])
    expect(await barsOf(`${SPAN}&timeframe=5Min&asof=${before}`)).toMatchObject([
      { o: 1, h: 999, c: 3, v: 4800, rev: 4 },
      { t: '2025-11-10T14:40:00Z', rev: 1 },
    ])
  })

  it('is told by its revisions and by asof', async () => {
    expect((await barsOf(`${SPAN}&asof=${before}`)).map(({ t, rev }) => [t, rev])).toEqual(
      [30, 31, 32, 33, 40].map((minute) => [`2025-11-10T14:${minute}:00Z`, 1]),
    )
    const known = new Date(api.now - MINUTE_MS).toISOString()
    expect(await barsOf(`${SPAN}&asof=${known}`)).toHaveLength(2)
    expect(
      (await api.get(`/v1/bars/AAPL/revisions?start=2025-11-10T14:40:00Z&end=2025-11-10T14:41:00Z`)).json,
    ).toMatchObject({
      revisions: [
        { rev: 1, v: 1200, withdrawn: false },
        { rev: 2, v: 0, n: 0, vw: null, c: 150.25, withdrawn: true },
      ],
    })
    const { json } = await api.get(
      `/v1/bars/AAPL/revisions?timeframe=5Min&start=2025-11-10T14:40:00Z&end=2025-11-10T14:41:00Z`,
    )
    expect(json).toMatchObject({
      revisions: [
        { rev: 1, o: 150.25, h: 150.3, withdrawn: false },
        { rev: 2, o: 150.25, h: 150.3, l: 150.2, c: 150.25, v: 0, withdrawn: true },
      ],
    })
  })

  it('counts neither in the session and what moved in it, nor in breadth', async () => {
    expect((await api.get('/v1/breadth')).json).toMatchObject({
      last_updated: '2025-11-10T14:32:00Z',
      symbols: 1,
      advancing: 1,
    })
    expect((await api.get('/v1/movers')).json).toMatchObject({
      gainers: [{ symbol: 'AAPL', price: 150.22, change: 0.12 }],
      losers: [],
    })
  })

  it('has no indicators, in either form', async () => {
    const database = api.server.open('app_readwrite')
    const minute = (timestamp: string, revision: number, values: Record<string, number>) => ({
      type: 'indicators' as const,
      symbol: 'AAPL',
      timestamp,
      timeframe: '1Min' as const,
      revision,
      values,
      calculated_at: 0,
      closed_at: 0,
    })
    await writeIndicators(
      database,
      [minute('2025-11-10T14:32:00Z', 1, { obv: 7 }), minute('2025-11-10T14:33:00Z', 1, { obv: 8 })].map(
        indicatorRow,
      ),
    )
    await writeIndicators(database, [minute('2025-11-10T14:33:00Z', 2, {})].map(indicatorRow))
    await database.end()
    for (const form of ['wide', 'long']) {
      const { json } = await api.get(`/v1/indicators/AAPL?${SPAN}&form=${form}`)
      expect(json).toMatchObject({ indicators: [{ t: '2025-11-10T14:32:00Z' }] })
      const latest = await api.get(`/v1/indicators/latest?symbols=AAPL&form=${form}`)
      expect(latest.json).toMatchObject({ indicators: { AAPL: [{ t: '2025-11-10T14:32:00Z' }] } })
    }
  })

  it('comes back with the next revision', async () => {
    await api.write([at(33, { revision: 3, close: '150.29' })])
    expect((await barsOf(SPAN)).at(-1)).toMatchObject({ t: '2025-11-10T14:33:00Z', rev: 3, c: 150.29 })
    expect(await barsOf(`${SPAN}&timeframe=5Min`)).toMatchObject([{ c: 150.29, v: 3600, rev: 7 }])
  })
})

it('where all bars of the last day are withdrawn, the session is the day before', async () => {
  const other = await startApi()
  await other.write([
    bar({ timestamp: '2025-11-07T14:30:00Z' }),
    bar({ timestamp: '2025-11-10T14:30:00Z' }),
    bar({ timestamp: '2025-11-10T14:30:00Z', revision: 2, withdrawn: true, volume: '0', trade_count: 0 }),
  ])
  expect((await other.get('/v1/breadth')).json).toMatchObject({
    session_start: '2025-11-07T00:00:00Z',
    last_updated: '2025-11-07T14:30:00Z',
  })
  await other.close()
})

import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

/** Bars of these symbols are years apart; of NONE there are none, and those of GONE were withdrawn. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  FAR: ['2021-05-03T15:00:00Z', '2024-05-03T15:00:00Z'],
  GONE: ['2021-05-03T15:00:00Z', '2022-05-03T15:00:00Z', '2024-06-03T15:00:00Z'],
  LAST: ['2021-03-01T15:00:00Z', '2022-03-01T15:00:00Z'],
  NEAR: ['2024-04-30T15:00:00Z', '2024-05-01T15:00:00Z', '2024-05-03T14:59:00Z', '2024-06-04T15:00:00Z'],
}
const SYMBOLS = ['FAR', 'GONE', 'LAST', 'NEAR', 'NONE'].join(',')

let api: ApiHarness
/** When all was written. */
let written: number
let now: number

beforeAll(async () => {
  api = await startApi({ tradingHours: parseTradingHours('XNYS') })
  await api.write(
    Object.entries(TIMES).flatMap(([symbol, times]) =>
      times.map((timestamp, place) => bar({ symbol, timestamp, close: `150.2${place + 1}` })),
    ),
  )
  await api.write([
    bar({
      symbol: 'GONE',
      timestamp: '2022-05-03T15:00:00Z',
      revision: 2,
      volume: '0',
      notional: '0',
      vwap: null,
      trade_count: 0,
      withdrawn: true,
    }),
  ])
  written = Date.now()
  // No bar is filling any more.
  now = written + 181_000
})
afterAll(() => api.close())
afterEach(() => {
  api.tick = 0
  api.now = now
})

const pageSchema = z.object({
  bars: z.record(z.string(), z.array(z.looseObject({ t: z.string() }))),
  next_page_token: z.string().nullable(),
})

/** All bars, and how long their pages took by our clock, which goes on each time it is read. */
async function allPages(query: string) {
  const rows: unknown[] = []
  const took: number[] = []
  for (let token: string | null = ''; token !== null;) {
    const began = api.now
    const { status, json } = await api.get(
      `/v1/bars?numbers=string&${query}${token && `&page_token=${token}`}`,
    )
    took.push(api.now - began)
    expect({ status, json }).toMatchObject({ status: 200 })
    const page = pageSchema.parse(json)
    for (const [symbol, bars] of Object.entries(page.bars))
      rows.push(...bars.map((each) => ({ symbol, ...each })))
    token = page.next_page_token
  }
  return { rows, took }
}

describe('a gap that is filled from a bar of years ago', () => {
  it('is filled alike by any pages, each of which ends in time', async () => {
    let most = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('1Min', '15Min', '1Day', '1Month'),
        fc.constantFrom('all', 'regular'),
        fc.constantFrom('previous', 'zero'),
        fc.constantFrom('asc', 'desc'),
        fc.boolean(),
        fc.constantFrom(100, 700, 1500),
        fc.integer({ min: 90, max: 1000 }),
        async (timeframe, session, fill, sort, isAsof, tick, limit) => {
          const asof = isAsof ? `&asof=${new Date(written).toISOString()}` : ''
          const start = timeframe.endsWith('Min') ? '2024-05-03T14:30:00Z' : '2024-03-01'
          const end = timeframe.endsWith('Min') ? '2024-05-03T17:30:00Z' : '2024-06-04'
          const query = `symbols=${SYMBOLS}&timeframe=${timeframe}&session=${session}&fill=${fill}&sort=${sort}&start=${start}&end=${end}${asof}`
          api.tick = 0
          api.now = now
          const whole = (await allPages(`${query}&limit=10000`)).rows
          api.tick = tick
          const { rows, took } = await allPages(`${query}&limit=${limit}`)
          expect(rows).toEqual(whole)
          most = Math.max(most, took.length)
          // Two seconds each of reading, of looking back and of going from symbol to symbol, and a few looks at the clock.
          expect(Math.max(...took)).toBeLessThan(6000 + 20 * tick)
        },
      ),
      { numRuns: 12, endOnFailure: true },
    )
    expect(most).toBeGreaterThan(5)
    expect(api.errors).toEqual([])
  }, 240_000)
})

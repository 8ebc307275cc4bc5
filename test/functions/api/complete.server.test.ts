import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

const START = Date.parse('2025-08-04T00:00:00Z')
/** More than two statements look at. */
const DAYS = 80
const DAY_MINUTES = 1440

let api: ApiHarness

beforeAll(async () => {
  api = await startApi({ tradingHours: parseTradingHours('XNYS') })
})
afterAll(() => api.close())

const pageSchema = z.object({
  bars: z.record(z.string(), z.array(z.looseObject({ t: z.string(), complete: z.boolean().nullable() }))),
  next_page_token: z.string().nullable(),
})

/** All bars, and how many pages they took. */
async function allPages(query: string, between: () => Promise<void> = async () => {}) {
  const rows: unknown[] = []
  let pages = 0
  for (let token: string | null = ''; token !== null; pages++) {
    if (pages > 0) await between()
    const { json } = await api.get(`/v1/bars?numbers=string&${query}${token && `&page_token=${token}`}`)
    const page = pageSchema.parse(json)
    for (const [symbol, bars] of Object.entries(page.bars)) rows.push(...bars.map((each) => [symbol, each]))
    token = page.next_page_token
  }
  return { rows, pages }
}

const barsAt = (symbol: string, minutes: readonly number[], revision = 1) =>
  minutes.map((minute) =>
    bar({
      symbol,
      timestamp: new Date(START + minute * 60_000).toISOString(),
      revision,
      complete: true,
    }),
  )

/** Minutes far apart, some with another one up to more than an hour behind it. */
const minutesArbitrary = fc
  .uniqueArray(
    fc.tuple(fc.nat({ max: DAYS * DAY_MINUTES - 100 }), fc.option(fc.integer({ min: 1, max: 80 }))),
    { minLength: 2, maxLength: 14 },
  )
  .map((pairs) => [
    ...new Set(pairs.flatMap(([minute, behind]) => (behind === null ? [minute] : [minute, minute + behind]))),
  ])

const SPAN = `start=${new Date(START).toISOString()}&end=${new Date(START + DAYS * 86_400_000).toISOString()}`

describe('bars that were just written', () => {
  it('have the same `complete` on any page, also while others are being written', async () => {
    let tried = 0
    const seen = new Set<boolean | null>()
    const property = fc.asyncProperty(
      minutesArbitrary,
      fc.constantFrom('2Min', '15Min', '1Hour', '1Day', '1Week', '1Month'),
      fc.constantFrom('all', 'regular'),
      fc.constantFrom('none', 'previous'),
      fc.constantFrom('asc', 'desc'),
      fc.integer({ min: 1, max: 6 }),
      async (minutes, timeframe, session, fill, sort, limit) => {
        const names = [`A${++tried}`, `B${tried}`]
        for (const [place, symbol] of names.entries())
          await api.write(
            barsAt(
              symbol,
              minutes.filter((_, index) => index % 3 !== place),
            ),
          )
        const asof = Date.now()
        api.now = asof + 61_000
        // Gaps of short bars make thousands of pages.
        const isFilled = fill === 'previous' && !/Min|Hour/.test(timeframe)
        const query = `symbols=${names.join(',')}&timeframe=${timeframe}&session=${session}&fill=${isFilled ? fill : 'none'}&sort=${sort}&${SPAN}&asof=${new Date(asof).toISOString()}`
        const { rows } = await allPages(`${query}&limit=10000`)
        for (const [, { complete }] of z
          .array(z.tuple([z.string(), z.object({ complete: z.boolean().nullable() })]))
          .parse(rows))
          seen.add(complete)
        let written = 0
        const paged = await allPages(`${query}&limit=${limit}`, async () => {
          const later = minutes.map((minute) => minute + ++written)
          await api.write(names.flatMap((symbol) => barsAt(symbol, later, 2)))
        })
        expect(paged.rows).toEqual(rows)
      },
    )
    await fc.assert(property, { numRuns: 40, endOnFailure: true })
    expect(seen).toEqual(new Set([false, null, true]))
    expect(api.errors).toEqual([])
  }, 120_000)

  it.each(['5Min', '1Month'])('of %s are over with a minute in the hour behind them', async (timeframe) => {
    const end = DAYS * DAY_MINUTES
    const at = Date.parse('2025-10-01T00:00:00Z')
    const first = (at - START) / 60_000 - 3
    expect(first).toBeLessThan(end)
    const completeOf = async (symbol: string, behind: number) => {
      await api.write(barsAt(symbol, [first, first + 3 + behind]))
      api.now = Date.now()
      const { json } = await api.get(
        `/v1/bars/${symbol}?timeframe=${timeframe}&start=2025-09-01&end=2025-09-30T23:55:00Z`,
      )
      return z.object({ bars: z.array(z.object({ complete: z.boolean() })) }).parse(json).bars
    }
    expect(await completeOf(`SOON${timeframe}`, 59)).toEqual([{ complete: true }])
    expect(await completeOf(`LATER${timeframe}`, 60)).toEqual([{ complete: false }])
  })
})

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseTradingHours } from '../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi({ tradingHours: parseTradingHours('XNYS') })
  api.now = Date.parse('2025-12-31T00:00:00Z')
})
afterAll(() => api.close())

const barSchema = z.object({
  t: z.string(),
  o: z.string(),
  c: z.string(),
  v: z.string(),
  n: z.number(),
  rev: z.number(),
})
const pageSchema = z.object({
  bars: z.record(z.string(), z.array(barSchema)),
  next_page_token: z.string().nullable(),
})
type Row = z.infer<typeof barSchema> & { readonly symbol: string }

async function allPages(query: string): Promise<Row[]> {
  const rows: Row[] = []
  for (let token: string | null = ''; token !== null;) {
    const { json } = await api.get(
      `/v1/bars?numbers=string&${query}${token === '' ? '' : `&page_token=${token}`}`,
    )
    const page = pageSchema.parse(json)
    for (const [symbol, bars] of Object.entries(page.bars))
      rows.push(...bars.map((each) => ({ symbol, ...each })))
    token = page.next_page_token
  }
  return rows
}

describe('filled bars', () => {
  it('have the close before them, or zero, and no trades', async () => {
    await api.write([
      bar({ symbol: 'F', timestamp: '2025-11-03T14:30:00Z', close: '150.21' }),
      bar({ symbol: 'F', timestamp: '2025-11-03T14:33:00Z' }),
    ])
    const span = 'symbols=F&start=2025-11-03T14:28:00Z&end=2025-11-03T14:34:00Z'
    const of = async (fill: string) =>
      (await allPages(`${span}&fill=${fill}`)).map(({ t, c, v, n, rev }) => [t.slice(14, 16), c, v, n, rev])
    const [first, last] = [
      ['30', '150.21', '1200', 12, 1],
      ['33', '150.25', '1200', 12, 1],
    ]
    expect(await of('previous')).toEqual([
      first,
      ['31', '150.21', '0', 0, 0],
      ['32', '150.21', '0', 0, 0],
      last,
      ['34', '150.25', '0', 0, 0],
    ])
    expect(await of('zero')).toEqual([
      first,
      ['31', '0', '0', 0, 0],
      ['32', '0', '0', 0, 0],
      last,
      ['34', '0', '0', 0, 0],
    ])
  })

  it('come from before the start, and stop where bars may still come', async () => {
    const day = 'symbols=F&timeframe=1Day&session=regular&fill=previous&start=2025-11-05&end=2025-11-10'
    expect((await allPages(day)).map(({ t, c }) => `${t.slice(8, 16)} ${c}`)).toEqual([
      '05T14:30 150.25',
      '06T14:30 150.25',
      '07T14:30 150.25',
    ])
    api.now = Date.parse('2025-11-06T21:01:00Z')
    expect((await allPages(day.replace('&end=2025-11-10', ''))).map(({ t }) => t.slice(8, 10))).toEqual([
      '05',
    ])
    api.now = Date.parse('2025-12-31T00:00:00Z')
  })

  it('end with what is over, however far ahead the end is, and begin with the first bar', async () => {
    const query = 'symbols=F&timeframe=1Month&session=regular&fill=previous&start=1900-01-01&end=2199-01-01'
    const asc = await allPages(query)
    expect(asc.map(({ t }) => t.slice(0, 10))).toEqual(['2025-11-03'])
    expect(await allPages(`${query}&sort=desc`)).toEqual(asc)
  })

  it('add no trades, leave no gap, and pages are parts of all, in both orders', async () => {
    let tried = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat({ max: 3 * 1440 }), { minLength: 1, maxLength: 25 }),
        fc.constantFrom('7Min', '1Hour', '5Hour', '1Day'),
        fc.constantFrom('all', 'regular'),
        fc.constantFrom('previous', 'zero'),
        fc.integer({ min: 7, max: 400 }),
        async (minutes, timeframe, session, fill, limit) => {
          const names = [`P${++tried}`, `Q${tried}`]
          const start = Date.parse('2025-11-26T00:00:00Z')
          await api.write(
            minutes.map((minute) =>
              bar({
                symbol: names[minute % 2] ?? '',
                timestamp: new Date(start + minute * 60_000).toISOString(),
              }),
            ),
          )
          const query = `symbols=${names.join(',')}&timeframe=${timeframe}&session=${session}&start=2025-11-25&end=2025-11-29`
          const bare = await allPages(`${query}&limit=10000`)
          const all = await allPages(`${query}&fill=${fill}&limit=10000`)
          expect(all.filter(({ n }) => n > 0)).toEqual(bare)
          for (const symbol of names) {
            const ofSymbol = all.filter((row) => row.symbol === symbol)
            expect(ofSymbol.length === 0).toBe(bare.every((row) => row.symbol !== symbol))
            expect(ofSymbol[0]?.n ?? 1).toBeGreaterThan(0)
            for (const [index, { n, o, c, v }] of ofSymbol.entries())
              if (n === 0)
                expect([o, c, v]).toEqual(
                  fill === 'zero' ? ['0', '0', '0'] : [ofSymbol[index - 1]?.c, o, '0'],
                )
          }
          expect(await allPages(`${query}&fill=${fill}&limit=${limit}`)).toEqual(all)
          const newestFirst = names.flatMap((symbol) =>
            all.filter((row) => row.symbol === symbol).toReversed(),
          )
          expect(await allPages(`${query}&fill=${fill}&limit=${limit}&sort=desc`)).toEqual(newestFirst)
        },
      ),
      {
        numRuns: 25,
        endOnFailure: true,
        // A page that ends within the first bar of a symbol.
        examples: [
          [[2874, 3965, 2983, 705, 4204, 3865, 1946, 3662, 4310, 3183, 566], '7Min', 'all', 'zero', 15],
        ],
      },
    )
    expect(api.errors).toEqual([])
  }, 120_000)
})

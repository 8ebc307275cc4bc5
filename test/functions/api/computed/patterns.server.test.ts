import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { PATTERNS } from '../../../../functions/domain/patterns/table.ts'
import { readGolden } from '../../../support/golden.ts'
import { type ApiHarness, NOW, startApi } from '../harness.ts'
import { minutesOf, minuteText } from './golden-bars.ts'

const golden = readGolden()
const BARS = 500
const [FIRST, STEP] = [Date.parse('2025-11-03T00:00:00Z'), 12 * 60_000]
/** Two symbols, so that many bars complete patterns of both. */
const SYMBOLS = { AAPL: 1000, MSFT: 3000 } as const

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  for (const [symbol, from] of Object.entries(SYMBOLS))
    await api.write(
      golden
        .slice(from, from + BARS)
        .flatMap(({ bar }, index) => minutesOf(symbol, FIRST + index * STEP, { bar, later: 7 })),
    )
})
afterAll(() => api.close())
afterEach(() => {
  api.now = NOW
  api.tick = 0
})

const pageSchema = z.object({
  patterns: z.array(
    z.object({
      symbol: z.string(),
      type: z.string(),
      t: z.string(),
      timeframe: z.literal('12Min'),
      confidence: z.number(),
      direction: z.enum(['bullish', 'bearish', 'neutral']),
      strength: z.number(),
      detected_at: z.null(),
    }),
  ),
  next_page_token: z.string().nullable(),
})

const TARGET = '/v1/patterns?symbols=AAPL,MSFT&timeframe=12Min&start=2025-11-03&end=2025-11-08'

async function allOf(target: string) {
  const patterns: z.infer<typeof pageSchema>['patterns'] = []
  for (let token: string | null = ''; token !== null;) {
    const { json } = await api.get(`${target}${token === '' ? '' : `&page_token=${token}`}`)
    const page = pageSchema.parse(json)
    patterns.push(...page.patterns)
    token = page.next_page_token
  }
  return patterns
}

/** As the answer has it: `AAPL 2025-11-03T02:00:00Z doji 100`. */
const linesOf = (patterns: z.infer<typeof pageSchema>['patterns']) =>
  patterns.map(({ symbol, t, type, direction, strength }) => {
    const sign = direction === 'bearish' ? -1 : 1
    return `${symbol} ${t} ${type} ${sign * strength}`
  })

describe('the patterns of bars of a timeframe', () => {
  it('are those of TA-Lib over the same bars', async () => {
    const sources = PATTERNS.filter(({ source }) => golden.some(({ talib }) => source in talib))
    // Those whose averages began before the first bar are not comparable.
    const settled = 20
    const expected = Object.entries(SYMBOLS).flatMap(([symbol, from]) =>
      golden.slice(from + settled, from + BARS).flatMap(({ talib }, index) =>
        sources.flatMap(({ source, name }) => {
          const value = talib[source] ?? 0
          const t = minuteText(FIRST + (index + settled) * STEP)
          return value === 0 ? [] : [`${symbol} ${t} ${name} ${value}`]
        }),
      ),
    )
    const types = sources.map(({ name }) => name).join(',')
    const found = linesOf(await allOf(`${TARGET}&types=${types}&limit=10000`))
    const from = minuteText(FIRST + settled * STEP)
    expect(found.filter((line) => (line.split(' ')[1] ?? '') >= from).toSorted()).toEqual(expected.toSorted())
    expect(expected.length).toBeGreaterThan(100)
  })

  it('are on pages what they are on one, in either order, also when time runs out', async () => {
    const whole = await allOf(`${TARGET}&limit=10000`)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 40, max: whole.length + 1 }),
        fc.constantFrom('asc', 'desc'),
        fc.constantFrom(0, 300),
        async (limit, sort, tick) => {
          api.tick = tick
          const found = await allOf(`${TARGET}&limit=${limit}&sort=${sort}`)
          const sign = sort === 'asc' ? 1 : -1
          // Stable: what a bar completes stays by symbol and type.
          const expected = whole.toSorted((a, b) => sign * (Date.parse(a.t) - Date.parse(b.t)))
          expect(found).toEqual(expected)
        },
      ),
      { numRuns: 8 },
    )
    const order = linesOf(whole).map((line) => line.split(' '))
    for (const [index, [symbol = '', t = '', type = '']] of order.entries()) {
      const [symbolBefore = symbol, before = t, typeBefore = type] = order[index - 1] ?? []
      expect(before >= t && (before > t || `${symbolBefore} ${typeBefore}` <= `${symbol} ${type}`)).toBe(true)
    }
  })

  it('are limited by type and confidence', async () => {
    const all = await allOf(TARGET)
    const found = await allOf(`${TARGET}&types=harami,engulfing&min_confidence=0.4`)
    expect(found).toEqual(
      all.filter(({ type, confidence }) => ['harami', 'engulfing'].includes(type) && confidence >= 0.4),
    )
    expect(found.length).toBeGreaterThan(10)
  })

  it('are not looked for in all symbols', async () => {
    expect((await api.get('/v1/patterns?timeframe=5Min')).json).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/^symbols is missing; allowed: up to 100 symbols/),
    })
  })
})

it('nothing went wrong inside', () => {
  expect(api.errors).toEqual([])
})

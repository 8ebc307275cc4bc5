import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

import type { CorporateAction } from '../../../../functions/bar-writer/corporate-actions.ts'
import { formatDecimal } from '../../../../functions/domain/decimal.ts'
import { bar } from '../../bar-writer/bars.ts'
import { type ApiHarness, startApi } from '../harness.ts'
import { adjustedBars, type Minute, unitsOf } from './exact-adjustment.ts'
import { storeActions } from './store-actions.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  api.now = Date.now()
})
afterAll(() => api.close())

const FIRST = Date.parse('2024-12-28T00:00:00Z')
const SPAN = 'start=2024-12-01&end=2025-02-28'
const MINUTES = 50 * 1440

/** Minutes of seven weeks over the turn of a year, with prices of up to six decimals, and volumes of up to four. */
const minutesArbitrary = fc
  .uniqueArray(
    fc.record({
      minute: fc.integer({ min: 0, max: MINUTES - 1 }),
      prices: fc.array(fc.integer({ min: 90_000_001, max: 110_000_000 }), { minLength: 4, maxLength: 4 }),
      volume: fc.integer({ min: 1, max: 5_000_000 }),
    }),
    { minLength: 1, maxLength: 40, selector: ({ minute }) => minute },
  )
  .map((drawn): Minute[] =>
    drawn
      .toSorted((one, other) => one.minute - other.minute)
      .map(({ minute, prices, volume: amount }) => {
        const [low = 0n, open = 0n, close = 0n, high = 0n] = prices
          .toSorted((one, other) => one - other)
          .map((price) => BigInt(price) * 10n ** 12n)
        const volume = BigInt(amount) * 10n ** 14n
        const time = FIRST + minute * 60_000
        return { time, prices: { o: open, h: high, l: low, c: close }, volume, notional: close * volume }
      }),
  )

const day = fc
  .integer({ min: -2, max: 55 })
  .map((after) => new Date(FIRST + after * 86_400_000).toISOString().slice(0, 10))
const shares = fc.integer({ min: 1, max: 60 }).map(String)
const actionsArbitrary = (symbol: string) =>
  fc.uniqueArray(
    fc.oneof(
      fc.record({
        kind: fc.constant('split' as const),
        symbol: fc.constant(symbol),
        ex_date: day,
        new_shares: shares,
        old_shares: shares,
      }),
      fc.record({
        kind: fc.constant('dividend' as const),
        symbol: fc.constant(symbol),
        ex_date: day,
        amount: fc.integer({ min: 1, max: 9999 }).map((amount) => formatDecimal(amount, 4)),
      }),
    ),
    { maxLength: 8, selector: (action) => `${action.kind} ${action.ex_date}` },
  )

const barsSchema = z.object({
  bars: z.array(
    z.object({
      t: z.string(),
      o: z.string(),
      h: z.string(),
      l: z.string(),
      c: z.string(),
      v: z.string(),
      vw: z.string(),
      notional: z.string(),
    }),
  ),
})

async function ask(symbol: string, query: string) {
  const { json } = await api.get(`/v1/bars/${symbol}?numbers=string&${SPAN}&${query}`)
  return barsSchema.parse(json).bars
}

let symbols = 0

async function store(minutes: readonly Minute[]): Promise<string> {
  const symbol = `S${++symbols}`
  await api.write(
    minutes.map(({ time, prices: { o, h, l, c }, volume, notional }) =>
      bar({
        symbol,
        timestamp: `${new Date(time).toISOString().slice(0, 19)}Z`,
        open: formatDecimal(o, 18),
        high: formatDecimal(h, 18),
        low: formatDecimal(l, 18),
        close: formatDecimal(c, 18),
        volume: formatDecimal(volume, 18),
        notional: formatDecimal(notional, 36),
        vwap: formatDecimal(c, 18),
      }),
    ),
  )
  return symbol
}

const KINDS = { split: ['split'], dividend: ['dividend'], all: ['split', 'dividend'] } as const
const kindArbitrary = fc.constantFrom('split' as const, 'dividend' as const, 'all' as const)
const TIMEFRAMES = ['1Min', '7Min', '1Hour', '1Day', '1Week', '1Month', '12Month']

it('bars of any timeframe are the fold of minutes in exact fractions, rounded once', async () => {
  const drawn = minutesArbitrary.chain((minutes) =>
    fc.record({
      minutes: fc.constant(minutes),
      actions: actionsArbitrary(''),
      kind: kindArbitrary,
      timeframe: fc.constantFrom(...TIMEFRAMES),
    }),
  )
  await fc.assert(
    fc.asyncProperty(drawn, async ({ minutes, actions: drawnActions, kind, timeframe }) => {
      const symbol = await store(minutes)
      const actions = drawnActions.map((action): CorporateAction => ({ ...action, symbol }))
      await storeActions(api, actions)
      const raw = await ask(symbol, `timeframe=${timeframe}`)
      const counted = actions.filter(
        (action) =>
          KINDS[kind].some((each) => each === action.kind) &&
          minutes.some(({ time }) => time < Date.parse(action.ex_date)),
      )
      const starts = raw.map(({ t }) => Date.parse(t))
      expect(await ask(symbol, `timeframe=${timeframe}&adjustment=${kind}`)).toEqual(
        adjustedBars(minutes, starts, counted),
      )
    }),
    { numRuns: 20 },
  )
})

it('a split and its inverse change nothing, two splits are their product, and none changes the notional', async () => {
  await fc.assert(
    fc.asyncProperty(minutesArbitrary, shares, shares, async (minutes, to, from) => {
      const symbol = await store(minutes)
      const split = (exDate: string, newShares: string, oldShares: string): CorporateAction => ({
        kind: 'split',
        symbol,
        ex_date: exDate,
        new_shares: newShares,
        old_shares: oldShares,
      })
      const answer = async (...actions: readonly CorporateAction[]) => {
        await storeActions(api, actions)
        return await ask(symbol, 'timeframe=1Day&adjustment=all')
      }
      const raw = await ask(symbol, 'timeframe=1Day')
      const [one, other] = ['2025-02-20', '2025-02-21']
      expect(await answer(split(one, to, from), split(other, from, to))).toEqual(raw)
      const twice = await answer(split(one, to, from), split(other, '3', '2'))
      expect(twice).toEqual(await answer(split(one, String(3n * BigInt(to)), String(2n * BigInt(from)))))
      expect(twice.map(({ notional }) => notional)).toEqual(raw.map(({ notional }) => notional))
    }),
    { numRuns: 5 },
  )
})

it('the decimals of prices are as many as those of a price, and the highest stays the highest', async () => {
  const symbol = await store([
    {
      time: FIRST,
      prices: {
        o: unitsOf('1.000000000000000001'),
        h: unitsOf('1.000000000000000002'),
        l: 1n,
        c: unitsOf('1'),
      },
      volume: unitsOf('1'),
      notional: unitsOf('1') * 10n ** 18n,
    },
  ])
  await storeActions(api, [
    { kind: 'split', symbol, ex_date: '2025-01-02', new_shares: '3', old_shares: '1' },
  ])
  expect(await ask(symbol, 'adjustment=split')).toMatchObject([
    { o: '0.333333333333333334', h: '0.333333333333333334', l: '0', c: '0.333333333333333333', v: '3' },
  ])
})

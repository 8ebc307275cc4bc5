import { setImmediate as nextTurn } from 'node:timers/promises'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { systemClock } from '../../../feed/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { BEGIN } from '../../support/world.ts'
import { DIALECTS } from '../../venues/dialects.ts'
import { KEYED_DIALECTS } from '../../venues/keyed-dialects.ts'
import type { Fate, RestFault } from '../../venues/simulator.ts'
import { barsOf, foldOf } from './bars.ts'
import { openStage, QUICK, type Stage, startFeed, tradesOn } from './running-feed.ts'

const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Fate>('sent') },
  { weight: 6, arbitrary: fc.constantFrom<Fate>('lost', 'lost', 'doubled', 'late') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('cut', 'cut-in-frame') },
)
const restFaults: fc.Arbitrary<RestFault> = fc.constantFrom<RestFault>(
  { status: 429, retryAfter: '0.01' },
  { status: 500 },
  'broken-off',
)
const plans = fc.record({
  venue: fc.constantFrom(...DIALECTS.map(({ name }) => name)),
  trades: fc.array(
    fc.record({ symbol: fc.nat(1), afterMicros: fc.integer({ min: 1000, max: 9_000_000 }), fate: fates }),
    { minLength: 20, maxLength: 150, size: 'max' },
  ),
  restFaults: fc.array(restFaults, { maxLength: 4 }),
  /** How many of the oldest trades the REST API has forgotten. */
  forgotten: fc.oneof(fc.constant(0), fc.nat(60)),
  /** Small enough that what is missing may come after what is newer. */
  heldTrades: fc.constantFrom(3, 50_000),
})

it('makes bars that equal those of the venue, or say that trades are missing, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ venue, trades, ...plan }) => {
      const stage = await openStage(venue)
      const { simulator, symbols } = stage
      simulator.restFaults = [...plan.restFaults]
      simulator.oldestId = 1000 + plan.forgotten
      const feed = startFeed(stage, { limits: { ...QUICK, heldTrades: plan.heldTrades } })
      try {
        await subscribed(stage)
        for (const symbol of symbols) simulator.trade(symbol)
        for (const { symbol, afterMicros, fate } of trades) {
          simulator.trade(symbols[symbol] ?? '', { afterMicros, fate })
          await nextTurn()
        }
        await allSettled(stage, feed.reports)
      } finally {
        await feed.stop()
        await simulator.stop()
      }
      await expectBars(stage, { holdsBack: plan.heldTrades > 3 })
    }),
    { numRuns: 40, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  )
}, 120_000)

const timedFates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Fate>('sent') },
  { weight: 6, arbitrary: fc.constantFrom<Fate>('doubled', 'late') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('cut', 'cut-in-frame') },
)
const timedPlans = fc.record({
  venue: fc.constantFrom(...KEYED_DIALECTS.map(({ name }) => name)),
  trades: fc.array(
    fc.record({
      symbol: fc.nat(1),
      afterMicros: fc.integer({ min: 1000, max: 3_000_000 }),
      fate: timedFates,
    }),
    { minLength: 20, maxLength: 150, size: 'max' },
  ),
  restFaults: fc.array(restFaults, { maxLength: 4 }),
})

it('makes the bars of a venue that is asked by time, whatever fails, as long as it can be asked', async () => {
  await fc.assert(
    fc.asyncProperty(timedPlans, async ({ venue, trades, ...plan }) => {
      const stage = await openStage(venue)
      const { simulator, symbols, market, stream } = stage
      simulator.restFaults = [...plan.restFaults]
      // The market begins while the feed runs.
      const behind = Date.now() - (BEGIN - 60) * 1000
      const feed = startFeed(stage, { clock: { ...systemClock, now: () => Date.now() - behind } })
      try {
        await subscribed(stage)
        for (const { symbol, afterMicros, fate } of trades) {
          simulator.trade(symbols[symbol] ?? '', { afterMicros, fate })
          await nextTurn()
        }
        for (const symbol of symbols) simulator.trade(symbol)
        await eventually('every trade', () => {
          const prices = new Set(tradesOn(stream).map(({ symbol, price }) => `${symbol} ${price}`))
          return symbols.every((symbol) =>
            market.of(symbol).every(({ price }) => prices.has(`${symbol} ${price}`)),
          )
        })
      } finally {
        await feed.stop()
        await simulator.stop()
      }
      const bars = await barsOf(stage)
      for (const [key, { open, high, low, close, volume, tradeCount }] of foldOf(stage))
        expect(bars.get(key)).toMatchObject({ open, high, low, close, volume, trade_count: tradeCount })
    }),
    { numRuns: 30, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  )
}, 120_000)

async function subscribed({ simulator, symbols }: Stage): Promise<void> {
  await eventually('a subscription', () => symbols.every((symbol) => simulator.subscribed.has(symbol)))
}

/** Trades until each symbol's newest is on the stream and every other trade is too, or was given up. */
async function allSettled(stage: Stage, reports: readonly string[]): Promise<void> {
  const { simulator, symbols, market, stream } = stage
  await eventually('every trade, on the stream or given up', async () => {
    const all = symbols.reduce((sum, symbol) => sum + market.of(symbol).length, 0)
    const there = new Set(tradesOn(stream).map(({ symbol, id }) => `${symbol} ${id}`)).size
    await subscribed(stage)
    // A trade that was lost as the last of its symbol is missed with the next.
    for (const symbol of symbols) simulator.trade(symbol)
    const givenUp = reports.reduce(
      (sum, report) => sum + Number(/(\d+) trades are missing,/.exec(report)?.[1] ?? 0),
      0,
    )
    return there + givenUp >= all - symbols.length
  })
}

/** @param holdsBack whether what was missing was put before what came after it, so that none of it is too late */
async function expectBars(stage: Stage, { holdsBack }: { readonly holdsBack: boolean }): Promise<void> {
  const { market, stream, symbols } = stage
  const last = await barsOf(stage)
  const isWhole =
    holdsBack && tradesOn(stream).length >= symbols.reduce((sum, symbol) => sum + market.of(symbol).length, 0)
  for (const [key, { open, high, low, close, volume, tradeCount }] of foldOf(stage)) {
    const bar = last.get(key)
    if (bar?.complete === true)
      expect(bar).toMatchObject({ open, high, low, close, volume, trade_count: tradeCount })
    else expect(isWhole && bar?.complete !== false).toBe(false)
  }
}

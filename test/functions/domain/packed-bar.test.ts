import fc from 'fast-check'
import { expect, it } from 'vitest'

import { addTrades, type BarBuilder, startBar } from '../../../functions/domain/bar-builder.ts'
import { isPackedBar, packBar, startOf, unpackBar } from '../../../functions/domain/packed-bar.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { trade } from '../../support/trades.ts'

const START = 1_760_106_720
const amounts = fc.constantFrom('0', '1', '100.25', '105433.6', '0.000000000000000001', '999999999999999.9')

const builders = fc
  .record({
    trades: fc.array(
      fc.record({
        seconds: fc.integer({ min: START, max: START + 59 }),
        nanos: fc.nat(999_999_999),
        price: amounts,
        volume: amounts,
        updates: fc.constantFrom(7, 4, 5, 0),
      }),
      { maxLength: 6 },
    ),
    marks: fc.record({
      revision: fc.nat(9),
      uncounted: fc.boolean(),
      damaged: fc.boolean(),
      said: fc.constantFrom(true, false, null, undefined),
      priceOnly: fc.boolean(),
      emptied: fc.boolean(),
    }),
  })
  .map(({ trades, marks }): BarBuilder => {
    const bar = startBar(START)
    addTrades(bar, tradesOf(trades.map((each) => trade(each))), { from: 0, to: trades.length })
    return { ...bar, ...marks }
  })

it('a bar is the same after it was kept, whatever its prices and its completeness', () => {
  fc.assert(
    fc.property(builders, (bar) => {
      const kept = packBar(bar)
      expect(startOf(kept)).toBe(START)
      expect(unpackBar(kept)).toEqual(bar)
    }),
    { numRuns: 300 },
  )
})

it('a bar of exact doubles is packed, and one that needs more stays as it is', () => {
  const usual = startBar(START)
  addTrades(usual, tradesOf([trade({ seconds: START, price: '105433.6', volume: '0.25' })]), {
    from: 0,
    to: 1,
  })
  expect(isPackedBar(packBar(usual))).toBe(true)
  const wide = startBar(START)
  addTrades(wide, tradesOf([trade({ seconds: START, price: '1', volume: '0.000000000000000001' })]), {
    from: 0,
    to: 1,
  })
  addTrades(wide, tradesOf([trade({ seconds: START, price: '9', volume: '999999999999999' })]), {
    from: 0,
    to: 1,
  })
  expect(packBar(wide)).toBe(wide)
})

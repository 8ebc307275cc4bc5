import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { barOf } from '../../../functions/domain/bar.ts'
import { addTrade, type BarBuilder, startBar } from '../../../functions/domain/bar-builder.ts'
import type { Trade } from '../../../functions/domain/trade.ts'
import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'

const START = 1_760_106_720

function tick(fields: Partial<Trade>): Trade {
  return {
    seconds: START,
    nanos: 0,
    priceInteger: 100,
    priceFraction: 0,
    volumeInteger: 1,
    volumeFraction: 0,
    ...fields,
  }
}

function fold(ticks: readonly Trade[]): BarBuilder {
  const [first, ...others] = ticks
  const minute = startBar(first ?? tick({}))
  for (const other of others) addTrade(minute, other)
  return minute
}

const bar = (ticks: readonly Trade[]) => barOf('A', fold(ticks), { closedAt: 0 })

const integers = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 999_999_999_999_999 }))
const fractions = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 99_999_999 }), fc.constant(99_999_999))
const ticks = fc.array(
  fc.record({
    seconds: fc.integer({ min: START, max: START + 59 }),
    nanos: fc.constantFrom(0, 1, 500_000_000, 999_999_999),
    priceInteger: integers,
    priceFraction: fractions,
    volumeInteger: integers,
    volumeFraction: fractions,
  }),
  { minLength: 1, maxLength: 60 },
)

describe('a minute', () => {
  it('equals the plain fold in big integers, whatever the prices and volumes', () => {
    fc.assert(
      fc.property(ticks, (given) => {
        const { symbol: _symbol, revision: _revision, closedAt: _closedAt, ...folded } = bar(given)
        expect(folded).toEqual(plainFold(given).get(START))
      }),
      { numRuns: 2000 },
    )
  })

  it('equals it for whole lots too, from one to beyond ten million, at prices of any digits', () => {
    const lots = fc.oneof(
      fc.nat(9),
      fc.nat(1000),
      fc.integer({ min: 9_999_990, max: 10_000_001 }),
      fc.nat(2 ** 31 - 1),
    )
    const prices = fc.oneof(fc.nat(9), fc.nat(200_000), fc.nat(2 ** 31 - 1), integers)
    const trades = fc.array(fc.tuple(prices, fractions, lots), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(trades, (given) => {
        const all = given.map(([priceInteger, priceFraction, volumeInteger]) =>
          tick({ priceInteger, priceFraction, volumeInteger }),
        )
        const { symbol: _symbol, revision: _revision, closedAt: _closedAt, ...folded } = bar(all)
        expect(folded).toEqual(plainFold(all).get(START))
      }),
      { numRuns: 5000 },
    )
  })

  it('does not round up a vwap that a billion lots bring to a hair below the half', () => {
    const lots = 999_999_999n
    for (let vwap = 90_000_000n; vwap < 90_000_050n; vwap++) {
      // In units of 10⁻⁸: lots · (vwap − ½), less a half.
      const notional = (lots * (2n * vwap - 1n) - 1n) / 2n
      const atOne = notional / 100_000_000n
      const given = [
        tick({ priceInteger: 0, priceFraction: Number(notional % 100_000_000n) }),
        tick({ priceInteger: 1, volumeInteger: Number(atOne) }),
        tick({ priceInteger: 0, volumeInteger: Number(lots - 1n - atOne) }),
      ]
      expect(bar(given).vwap).toBe(plainFold(given).get(START)?.vwap)
    }
  })

  it('takes the close from the last to arrive of the trades that share a timestamp, and the open from the first', () => {
    const given = [1, 2, 3].map((priceInteger) => tick({ priceInteger }))
    expect(bar(given)).toMatchObject({ open: '1', close: '3' })
  })

  it('takes open and close by time, not by arrival', () => {
    const given = [
      tick({ seconds: START + 30, priceInteger: 2 }),
      tick({ seconds: START + 50, priceInteger: 3 }),
      tick({ seconds: START + 10, priceInteger: 1 }),
    ]
    expect(bar(given)).toMatchObject({ open: '1', close: '3' })
  })

  it('is moved by trades of volume zero', () => {
    const given = [tick({}), tick({ priceInteger: 120, volumeInteger: 0 })]
    expect(bar(given)).toMatchObject({ high: '120', close: '120', volume: '1', vwap: '100', tradeCount: 2 })
  })

  it('has no vwap when nothing was traded', () => {
    expect(bar([tick({ volumeInteger: 0 })]).vwap).toBeNull()
  })

  it('sums volumes of 184,467,440,737.09551615 without drift', () => {
    const volume = { volumeInteger: 184_467_440_737, volumeFraction: 9_551_615 }
    const given = Array.from({ length: 100_000 }, () =>
      tick({ ...volume, priceInteger: 0, priceFraction: 1 }),
    )
    expect(bar(given)).toMatchObject({ volume: '18446744073709551.615', vwap: '0.00000001' })
  })

  it('rounds the vwap half up at the eighth decimal', () => {
    const given = [
      tick({ priceInteger: 0, priceFraction: 1, volumeInteger: 1 }),
      tick({ priceInteger: 0, priceFraction: 2, volumeInteger: 1 }),
    ]
    expect(bar(given).vwap).toBe('0.00000002')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'
import { barOf } from '../../../functions/domain/bar.ts'
import { addTrades, type BarBuilder, startBar } from '../../../functions/domain/bar-builder.ts'
import { type Trade, tradesOf } from '../../../functions/domain/trade.ts'
import { expectEqual } from '../../support/expect-equal.ts'
import { trade } from '../../support/trades.ts'

const START = 1_760_106_720

type Fields = Partial<Parameters<typeof trade>[0]>

function tick(fields: Fields): Trade {
  return trade({ seconds: START, ...fields })
}

/** Each by itself, so that it comes in decimals of its own, and all as one record. */
function folds(trades: readonly Trade[]): readonly BarBuilder[] {
  const [apart, together] = [startBar(START), startBar(START)]
  for (const each of trades) addTrades(apart, tradesOf([each]), { from: 0, to: 1 })
  addTrades(together, tradesOf(trades), { from: 0, to: trades.length })
  return [apart, together]
}

function bar(trades: readonly Trade[]) {
  const [apart, together] = folds(trades).map((builder) => valuesOf(builder))
  expect(together).toEqual(apart)
  if (apart === undefined) throw new Error('there is no bar')
  return apart
}

function valuesOf(builder: BarBuilder) {
  const { start, open, high, low, close, volume, notional, vwap, tradeCount } = barOf('A', builder, {
    closedAt: 0,
  })
  return { start, open, high, low, close, volume, notional, vwap, tradeCount }
}

const wholes = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 999_999_999_999_999 }))
const decimals = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 0, max: 99_999_999 }).map((part) => `.${String(part).padStart(8, '0')}`),
  fc.constant('.99999999'),
  fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }).map((part) => `.${String(part).padStart(18, '0')}`),
)
const amounts = fc.tuple(wholes, decimals).map(([whole, part]) => `${whole}${part}`)
const prices = fc.tuple(fc.constantFrom('', '', '', '-'), amounts).map(([sign, amount]) => sign + amount)
const trades = fc.array(
  fc.record({
    seconds: fc.integer({ min: START, max: START + 59 }),
    nanos: fc.constantFrom(0, 1, 500_000_000, 999_999_999),
    price: prices,
    volume: amounts,
  }),
  { minLength: 1, maxLength: 60 },
)

describe('a bar builder', () => {
  it('equals the plain fold in big integers, whatever the prices and volumes', () => {
    fc.assert(
      fc.property(trades, (given) => {
        const all = given.map(trade)
        expectEqual(bar(all), plainFold(all).get(START))
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
    const whole = fc.oneof(fc.nat(9), fc.nat(200_000), fc.nat(2 ** 31 - 1), wholes)
    const given = fc.array(fc.tuple(whole, decimals, lots), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(given, (each) => {
        const all = each.map(([price, part, volume]) => tick({ price: `${price}${part}`, volume }))
        expectEqual(bar(all), plainFold(all).get(START))
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
        tick({ price: `0.${String(notional % 100_000_000n).padStart(8, '0')}` }),
        tick({ price: 1, volume: String(atOne) }),
        tick({ price: 0, volume: String(lots - 1n - atOne) }),
      ]
      expect(bar(given).vwap).toBe(plainFold(given).get(START)?.vwap)
    }
  })

  it('takes the close from the last to arrive of the trades that share a timestamp, and the open from the first', () => {
    const given = [1, 2, 3].map((price) => tick({ price }))
    expect(bar(given)).toMatchObject({ open: '1', close: '3' })
  })

  it('takes open and close by time, not by arrival', () => {
    const given = [
      tick({ seconds: START + 30, price: 2 }),
      tick({ seconds: START + 50, price: 3 }),
      tick({ seconds: START + 10, price: 1 }),
    ]
    expect(bar(given)).toMatchObject({ open: '1', close: '3' })
  })

  it('is moved by trades of volume zero', () => {
    const given = [tick({}), tick({ price: 120, volume: 0 })]
    expect(bar(given)).toMatchObject({ high: '120', close: '120', volume: '1', vwap: '100', tradeCount: 2 })
  })

  it('has no vwap when nothing was traded', () => {
    expect(bar([tick({ volume: 0 })]).vwap).toBeNull()
  })

  it('sums volumes of 184,467,440,737.09551615 without drift', () => {
    const given = Array.from({ length: 100_000 }, () =>
      tick({ volume: '184467440737.09551615', price: '0.00000001' }),
    )
    expect(bar(given)).toMatchObject({ volume: '18446744073709551.615', vwap: '0.00000001' })
  })

  it('rounds the vwap half up at the eighth decimal', () => {
    const given = [tick({ price: '0.00000001' }), tick({ price: '0.00000002' })]
    expect(bar(given).vwap).toBe('0.00000002')
  })

  it('keeps the prices of oil on 2020-04-20', () => {
    const given = ['0.02', '-0.01', '-37.63'].map((price) => tick({ price }))
    expect(bar(given)).toEqual({
      start: START,
      open: '0.02',
      high: '0.02',
      low: '-37.63',
      close: '-37.63',
      volume: '3',
      notional: '-37.62',
      vwap: '-12.54',
      tradeCount: 3,
    })
  })

  it('keeps 18 decimals of price and volume', () => {
    const given = [tick({ price: '0.000007012', volume: '0.123456789012345678' })]
    expect(bar(given)).toMatchObject({
      open: '0.000007012',
      volume: '0.123456789012345678',
      notional: '0.000000865679004554567894136',
      vwap: '0.00000701',
    })
  })
})

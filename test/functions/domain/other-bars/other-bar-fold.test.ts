import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { formatDecimal, unitsAt } from '../../../../functions/domain/decimal.ts'
import type { OtherBar } from '../../../../functions/domain/other-bars/other-bar.ts'
import { priceOf } from '../../../../functions/domain/other-bars/amounts.ts'
import { TickRule } from '../../../../functions/domain/other-bars/sides.ts'
import { tradesOf, UPDATES } from '../../../../functions/domain/trade.ts'
import { otherBars, type SidedTrade } from '../../../support/other-bars.ts'
import { trade } from '../../../support/trades.ts'

const START = 1_760_106_720

const amounts = fc.oneof(
  fc.nat(1000).map(String),
  fc.tuple(fc.nat(99), fc.nat(99_999_999)).map(([whole, part]) => `${whole}.${part}`),
  fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }).map((part) => `7.${String(part).padStart(18, '0')}`),
)
const given: fc.Arbitrary<SidedTrade[]> = fc
  .array(
    fc.record({
      gap: fc.constantFrom(0, 0, 1, 1, 4, 61, 90_000),
      nanos: fc.constantFrom(0, 1, 999_999_999),
      price: fc.oneof(amounts, fc.nat(3).map(String)),
      volume: amounts,
      side: fc.constantFrom(1, -1, 0),
      updates: fc.constantFrom(
        UPDATES.all,
        UPDATES.all,
        UPDATES.all,
        UPDATES.volume,
        UPDATES.all - UPDATES.volume,
        0,
      ),
    }),
    { minLength: 1, maxLength: 50 },
  )
  .map((rows) => {
    let seconds = START
    let least = 0
    return rows.map(({ gap, side, nanos, ...others }) => {
      seconds += gap
      least = gap === 0 ? Math.max(least, nanos) : nanos
      return { ...trade({ ...others, seconds, nanos: least }), side }
    })
  })
const priced = given.map((trades) => trades.map((each) => ({ ...each, updates: UPDATES.all })))

const KINDS = [
  'seconds:5',
  'seconds:7',
  '1Min',
  'tick:3',
  'volume:10.5',
  'dollar:1000',
  'imbalance:tick:2',
  'imbalance:volume:12.5',
  'imbalance:dollar:1000',
  'renko:40',
  'heikin-ashi:tick:3',
  'heikin-ashi:renko:40',
]
const unitsOf = (text: string | null): bigint => priceOf(text ?? '0')
const sum = (units: readonly bigint[]): bigint => units.reduce((one, other) => one + other, 0n)
const volumeUnits = ({ volume }: SidedTrade): bigint => BigInt(unitsAt(volume, 18))
const sumOf = (bars: readonly OtherBar[], name: 'volume' | 'buyVolume' | 'sellVolume'): bigint =>
  sum(bars.map((bar) => unitsOf(bar[name])))

describe.each(KINDS)('bars of the kind %s', (kind) => {
  it('are the same however the trades are divided', () => {
    fc.assert(
      fc.property(given, fc.array(fc.nat(50)), (trades, places) => {
        const cuts = places.filter((place) => place < trades.length)
        expect(otherBars(kind, trades, { cuts })).toEqual(otherBars(kind, trades))
      }),
    )
  })

  it('have all trades, all volume and all volume of each side, once', () => {
    fc.assert(
      fc.property(priced, (trades) => {
        const bars = otherBars(kind, trades)
        expect(bars.reduce((count, { tradeCount }) => count + tradeCount, 0)).toBe(trades.length)
        expect(sumOf(bars, 'volume')).toBe(sum(trades.map(volumeUnits)))
        for (const [name, side] of [['buyVolume', 1] as const, ['sellVolume', -1] as const])
          expect(sumOf(bars, name)).toBe(sum(trades.filter((each) => each.side === side).map(volumeUnits)))
      }),
    )
  })

  it('have their open and close between low and high, and only the last may be open', () => {
    fc.assert(
      fc.property(given, (trades) => {
        const bars = otherBars(kind, trades)
        for (const [index, { open, high, low, close, isClosed }] of bars.entries()) {
          const [highest, lowest] = [unitsOf(high), unitsOf(low)]
          for (const price of [unitsOf(open), unitsOf(close)])
            expect(price <= highest && price >= lowest).toBe(true)
          expect(isClosed || index === bars.length - 1).toBe(true)
        }
      }),
    )
  })

  it('say no volume of sides where none is known', () => {
    const trades = [1, 2, 3].map((seconds) => trade({ seconds: START + seconds, price: seconds }))
    for (const { buyVolume, sellVolume } of otherBars(kind, trades))
      expect([buyVolume, sellVolume]).toEqual([null, null])
  })
})

/** Trades one after the other, each with a price, and perhaps a volume and a side. */
const walk = (
  ...rows: readonly (readonly [price: number | string, volume?: number | string, side?: number])[]
) =>
  rows.map(([price, volume = 1, side], index) => ({
    ...trade({ seconds: START + index, price, volume }),
    ...(side !== undefined && { side }),
  }))
const ohlc = ({ open, high, low, close, volume, tradeCount }: OtherBar) =>
  `${open} ${high} ${low} ${close} v${volume} n${tradeCount}`

describe('bars by what is traded', () => {
  it.each([
    ['tick:3', 3n, () => 1n],
    ['volume:10.5', 105n * 10n ** 17n, volumeUnits],
    ['dollar:1000', 10n ** 39n, (each: SidedTrade) => BigInt(unitsAt(each.price, 18)) * volumeUnits(each)],
  ])(
    'of the kind %s are the shortest runs of trades that reach it, with their prices',
    (kind, least, amountOf) => {
      fc.assert(
        fc.property(priced, (trades) => {
          let left: readonly SidedTrade[] = trades
          for (const bar of otherBars(kind, trades)) {
            const own = left.slice(0, bar.tradeCount)
            left = left.slice(bar.tradeCount)
            const prices = own.map(({ price }) => BigInt(unitsAt(price, 18)))
            expect(sum(own.map(amountOf)) >= least).toBe(bar.isClosed)
            expect(sum(own.slice(0, -1).map(amountOf)) < least).toBe(true)
            expect([bar.open, bar.close].map(unitsOf)).toEqual([prices[0], prices.at(-1)])
            expect([bar.high, bar.low].map(unitsOf)).toEqual([
              prices.reduce((one, other) => (one > other ? one : other)),
              prices.reduce((one, other) => (one < other ? one : other)),
            ])
          }
        }),
      )
    },
  )

  it('close with the trade that reaches the threshold, which is in them whole', () => {
    const bars = otherBars(
      'volume:10',
      walk([100, 6], [101, 7], [99, '9.999999999999999999'], [98, '0.000000000000000001']),
    )
    expect(bars.map(ohlc)).toEqual(['100 101 100 101 v13 n2', '99 99 98 98 v10 n2'])
    expect(bars.every(({ isClosed }) => isClosed)).toBe(true)
  })

  it('of dollars count price · volume, without the sign of a price below zero', () => {
    const bars = otherBars('dollar:100', walk([-30, 2], [-20, 2], [10, 3]))
    expect(bars.map(ohlc)).toEqual(['-30 -20 -30 -20 v4 n2', '10 10 10 10 v3 n1'])
    expect(bars.map(({ notional }) => notional)).toEqual(['-100', '30'])
  })

  it('leave out of the count what does not update the volume, and wait for a price', () => {
    const trades = walk([100], [101], [102], [103]).map((each, index) => ({
      ...each,
      updates: [UPDATES.volume, UPDATES.volume, 3, UPDATES.all][index] ?? UPDATES.all,
    }))
    expect(otherBars('tick:2', trades).map(ohlc)).toEqual(['102 102 102 102 v2 n2', '103 103 103 103 v1 n1'])
  })

  it('of an imbalance close when buys and sells are so far apart, and trades of no side add to neither', () => {
    const bars = otherBars(
      'imbalance:volume:5',
      walk([1, 4, 1], [2, 3, -1], [3, 9, 0], [4, 4, 1], [5, 5, -1]),
    )
    expect(bars.map(ohlc)).toEqual(['1 4 1 4 v20 n4', '5 5 5 5 v5 n1'])
    expect(bars.map(({ buyVolume, sellVolume }) => [buyVolume, sellVolume])).toEqual([
      ['8', '3'],
      ['0', '5'],
    ])
  })
})

describe('bars of time', () => {
  it('begin at midnight, and the last of a day ends there', () => {
    const midnight = 1_760_140_800
    const trades = [-1, 0, 6, 7].map((seconds) => trade({ seconds: midnight + seconds }))
    const starts = otherBars('seconds:7', trades).map(({ seconds }) => seconds - midnight)
    expect(starts).toEqual([-6, 0, 7])
  })
})

describe('renko bricks', () => {
  it('are closed by a move of their size in either direction from the last, as many as fit', () => {
    const bars = otherBars(
      'renko:0.5',
      walk(['100.1'], ['100.5'], ['101.3', 2], ['100.9'], ['100.6', 3], ['99.0']),
    )
    expect(bars.map(ohlc)).toEqual([
      '100.1 100.6 100.1 100.6 v4 n3',
      '100.6 101.1 100.6 101.1 v0 n0',
      '101.1 101.1 100.6 100.6 v4 n2',
      '100.6 100.6 100.1 100.1 v1 n1',
      '100.1 100.1 99.6 99.6 v0 n0',
      '99.6 99.6 99.1 99.1 v0 n0',
    ])
  })

  it('begin, when not full, at the close of the brick before', () => {
    const bars = otherBars('renko:0.5', walk([100], ['100.9'], ['100.7'], ['100.8']))
    expect(bars.map(ohlc)).toEqual(['100 100.5 100 100.5 v2 n2', '100.5 100.8 100.5 100.8 v2 n2'])
    expect(bars.map(({ isClosed }) => isClosed)).toEqual([true, false])
  })

  it('are refused where one trade makes more than 100000', () => {
    expect(() => otherBars('renko:0.000001', walk([100], [101]))).toThrow(
      'the price goes from 100 to 101, 1000000 bricks of 0.000001: give a larger size',
    )
  })
})

describe('Heikin-Ashi bars', () => {
  it('are the means of the bars, their open that of the bar before, rounded half up to eight decimals', () => {
    const bars = otherBars(
      'heikin-ashi:tick:2',
      walk([10], [12], [11], [15], [15], [13], [13], ['13.00000001']),
    )
    expect(bars.map(ohlc)).toEqual([
      '11 12 10 11 v2 n2',
      '11 15 11 13 v2 n2',
      '12 15 12 14 v2 n2',
      `13 13.00000001 13 ${formatDecimal(1_300_000_001, 8)} v2 n2`,
    ])
  })
})

describe('the tick rule', () => {
  it('gives the side of the last move, and none before the first and to what may not be the close', () => {
    const trades = walk([5], [5], [6], [9], [6], [5], [5]).map((each, index) => ({
      ...each,
      updates: index === 3 ? UPDATES.volume : UPDATES.all,
    }))
    expect([...new TickRule().sidesOf(tradesOf(trades))]).toEqual([0, 0, 1, 0, 1, -1, -1])
  })
})

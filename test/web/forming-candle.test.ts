import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type Forming,
  formingBar,
  isPartial,
  startForming,
  type TickRecord,
  withClosedBar,
  withGap,
  withTicks,
} from '../../web/src/market/forming-candle.ts'
import { plus } from '../../web/src/values/decimal-text.ts'

function tick(time: number, price: string, given: Partial<TickRecord> = {}): TickRecord {
  const prices = { open: price, high: price, low: price, close: price }
  return { symbol: 'AAPL', ...prices, volume: '1', trades: 1, time, ...given }
}

function taken(ticks: readonly TickRecord[], from: Forming = startForming(0)): Forming {
  return ticks.reduce(withTicks, from)
}

describe('the candle that forms', () => {
  it('has the values of all its trades, however they are batched', () => {
    const trade = fc.record({
      price: fc.integer({ min: 1, max: 500 }),
      volume: fc.integer({ min: 0, max: 50 }),
    })
    fc.assert(
      fc.property(
        fc.array(trade, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (trades, size) => {
          const priced = trades.map(({ price, volume }) => ({ price: `${price}.25`, volume }))
          const batches = Array.from({ length: Math.ceil(priced.length / size) }, (_, index) =>
            batch(priced.slice(index * size, (index + 1) * size), 600 + index),
          )
          const [minute] = taken(batches).minutes
          const whole = batch(priced, 600)
          expect(minute).toMatchObject({ ...pick(whole), trades: priced.length, minute: 600 })
        },
      ),
    )
  })

  it('is one for each minute until the bar of that minute arrives', () => {
    const forming = taken([tick(61, '10'), tick(119.9, '12'), tick(120, '11')])
    expect(forming.minutes.map(({ minute, close }) => [minute, close])).toEqual([
      [60, '12'],
      [120, '11'],
    ])
    const closed = withClosedBar(forming, 60)
    expect(closed.minutes.map(({ minute }) => minute)).toEqual([120])
    // A late trade comes as a correction of the bar.
    expect(withTicks(closed, tick(100, '99'))).toBe(closed)
    expect(withClosedBar(closed, 0)).toBe(closed)
  })

  it('says when trades of its minute may be missing', () => {
    const [first, second] = taken([tick(95, '10'), tick(121, '10')], startForming(90)).minutes
    expect([first?.since, second?.since]).toEqual([90, 120])
    expect([first, second].map((one) => one && isPartial(one))).toEqual([true, false])
  })

  it('lacks trades after a gap, and is whole again from the next minute on', () => {
    const before = taken([tick(61, '10')])
    const after = withTicks(withTicks(withGap(before, { until: 100 }), tick(101, '11')), tick(125, '12'))
    expect(after.minutes.map(({ minute, since }) => [minute, since])).toEqual([
      [60, 100],
      [120, 120],
    ])
  })

  it('does not grow when no bar arrives', () => {
    const many = Array.from({ length: 50 }, (_, minute) => tick(minute * 60 + 1, '10'))
    expect(taken(many, startForming(0, -60)).minutes).toHaveLength(5)
  })

  it('keeps the newest close when a batch comes late', () => {
    const [minute] = taken([tick(110, '12'), tick(70, '9')]).minutes
    expect(minute).toMatchObject({ close: '12', low: '9', through: 110 })
    expect(minute && formingBar(minute)).toMatchObject({
      time: 60,
      close: '12',
      revision: 0,
      complete: false,
    })
  })
})

function batch(
  trades: readonly { readonly price: string; readonly volume: number }[],
  time: number,
): TickRecord {
  const prices = trades.map(({ price }) => price)
  const sorted = prices.toSorted((a, b) => Number(a) - Number(b))
  return tick(time, '0', {
    open: prices[0] ?? '',
    high: sorted.at(-1) ?? '',
    low: sorted[0] ?? '',
    close: prices.at(-1) ?? '',
    volume: trades.reduce((sum, { volume }) => plus(sum, String(volume)), '0'),
    trades: trades.length,
  })
}

function pick({ open, high, low, close, volume }: TickRecord) {
  return { open, high, low, close, volume }
}

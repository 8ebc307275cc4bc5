import { describe, expect, it } from 'vitest'

import { ONE } from '../../../../functions/domain/series.ts'
import { readGolden } from '../../../support/golden.ts'
import { barsOfCents, valuesOf } from '../../../support/values.ts'

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value)
const flat = barsOfCents(times(60, 100))
/** Thirty bars that move by up to 5 cents, each with a range of 2 cents; then nothing moves. */
const stands = barsOfCents(
  [...Array.from({ length: 30 }, (_, index) => 100 + ((index * 7) % 5)), ...times(500, 103)],
  times(30, 1),
)
/** Twenty bars without any range, then a cent up each. */
const rises = barsOfCents([...times(20, 100), ...Array.from({ length: 30 }, (_, index) => 101 + index)])

// All values are those of TA-Lib 0.6.4, called on these closes through the Python package TA-Lib 0.6.8.
describe('prices that never moved', () => {
  it('have an RSI of 0', () => {
    expect(valuesOf('rsi(14)', flat).map((values) => values['rsi_14'])).toEqual([
      ...times(14, undefined),
      ...times(46, 0),
    ])
  })

  it('have a directional movement of 0 from bar 15, and an ADX of 0 from bar 28', () => {
    const found = valuesOf('adx(14)', flat)
    expect(found[13]).toEqual({})
    expect(found[14]).toEqual({ plus_di_14: 0, minus_di_14: 0 })
    expect(found[26]).toEqual({ plus_di_14: 0, minus_di_14: 0 })
    expect(found.slice(27)).toEqual(times(33, { plus_di_14: 0, minus_di_14: 0, adx_14: 0 }))
  })

  it('count with 0 in the first average of an ADX', () => {
    const adx = valuesOf('adx(14)', rises).map((values) => values['adx_14'])
    expect(adx.slice(26, 29)).toEqual([
      undefined,
      expect.closeTo(57.142857142857146, 9),
      expect.closeTo(60.204081632653065, 9),
    ])
    expect(adx[49]).toBeCloseTo(91.60616978113886, 9)
  })

  it('have a stochastic of 0, and count with it in the means', () => {
    const found = valuesOf('stochastic(14,3,3)', rises)
    const pair = (k: number, d: number) => ({
      stochastic_k_14_3_3: expect.closeTo(k, 9),
      stochastic_d_14_3_3: expect.closeTo(d, 9),
    })
    expect(found.slice(16, 25)).toEqual([
      {},
      pair(0, 0),
      pair(0, 0),
      pair(0, 0),
      pair(33.333333333333336, 11.111111111111112),
      pair(66.66666666666667, 33.333333333333336),
      pair(100, 66.66666666666667),
      pair(100, 88.88888888888887),
      pair(100, 100),
    ])
  })

  it('have three Bollinger bands in one', () => {
    const found = valuesOf('bollinger(20,2)', flat).slice(19)
    expect(found).toEqual(
      times(41, { bollinger_upper_20_2: 1, bollinger_middle_20_2: 1, bollinger_lower_20_2: 1 }),
    )
  })
})

describe('prices that stand still after they have moved', () => {
  it('keep their RSI until its averages have faded below 10⁻¹⁴', () => {
    const rsi = valuesOf('rsi(14)', stands).map((values) => values['rsi_14'])
    expect(rsi[413]).toBeCloseTo(52.492097113948525, 9)
    expect(rsi.slice(414)).toEqual(times(116, 0))
  })

  it('keep their directional movement until the ranges have faded below 10⁻¹⁴, and their ADX for ever', () => {
    const found = valuesOf('adx(14)', stands)
    expect(found[453]?.['plus_di_14']).toBeCloseTo(36.95792817021757, 9)
    expect(found[453]?.['minus_di_14']).toBeCloseTo(33.42233080850524, 9)
    const last = { plus_di_14: 0, minus_di_14: 0, adx_14: expect.closeTo(5.0235640121489356, 9) }
    expect(found.slice(454)).toEqual(times(76, last))
  })

  it('have three Bollinger bands in one where rounding takes more from the squares than is left', () => {
    const wild = Array.from({ length: 20 }, (_, index) => 1_000_000 + 2_469_134 * ((index * 7) % 19))
    const found = valuesOf('bollinger(20,2)', barsOfCents([...wild, ...times(20, 1_000_003)]))
    expect(found.at(-1)).toEqual({
      bollinger_upper_20_2: 10_000.03,
      bollinger_middle_20_2: 10_000.03,
      bollinger_lower_20_2: 10_000.03,
    })
  })
})

describe('a MACD', () => {
  it('takes the shorter of its two periods as the fast one', () => {
    const bars = readGolden()
      .slice(0, 200)
      .map(({ bar }) => bar)
    const found = valuesOf('macd(12,26,9) macd(26,12,9)', bars)
    for (const values of found) expect(values['macd_26_12_9']).toBe(values['macd_12_26_9'])
    expect(found.at(-1)?.['macd_12_26_9']).not.toBe(0)
  })
})

describe('prices of 10⁻⁸', () => {
  it('are no less moved than others: bands and RSI are those of the same prices in units', () => {
    const units = Array.from({ length: 60 }, (_, index) => 3 + ((index * 7) % 5))
    const scaled = (scale: number) =>
      barsOfCents(units).map((bar, index) => ({ ...bar, close: (units[index] ?? 0) * scale }))
    const name = 'bollinger_upper_20_2'
    const [small, large] = [1, ONE].map((scale) => valuesOf('bollinger(20,2) rsi(14)', scaled(scale)).at(-1))
    expect((small?.[name] ?? 0) * ONE).toBeCloseTo(large?.[name] ?? Number.NaN, 9)
    expect(small?.['rsi_14']).toBeCloseTo(large?.['rsi_14'] ?? Number.NaN, 9)
  })
})

import { describe, expect, it } from 'vitest'

import { measureBars, measureNext, startCandles } from '../../../../functions/domain/patterns/candle.ts'
import { bitOf, bitsOf, SHAPE_BITS, SHAPES } from '../../../../functions/domain/patterns/shapes.ts'
import { addBar, startSeries } from '../../../../functions/domain/series.ts'
import { readGolden } from '../../../support/golden.ts'

const golden = readGolden()
  .map(({ bar }) => bar)
  .slice(0, 2000)

describe('the bits of a candle', () => {
  const candles = startCandles(2048)
  const series = startSeries({ bars: 2000, closes: 2000 })
  for (const bar of golden) addBar(series, bar)
  measureBars(candles, series, 10, golden.length)

  it('say of each shape whether its margin is met, and the lowest whether it is white', () => {
    for (let bar = 10; bar < golden.length; bar++) {
      measureNext(candles, series, bar)
      const { newest, before, third, fourth } = candles
      const expected = SHAPES.filter((shape) => shape(newest, before, third, fourth) >= 0).map(bitOf)
      const white = newest.close >= newest.open ? 1 : 0
      expect(bitsOf(newest)).toBe(expected.reduce((all, bit) => all | bit, white))
    }
  })

  it('are as many as there is room for, each its own', () => {
    expect(SHAPES.map(bitOf)).toEqual(SHAPES.map((_, place) => 2 ** (place + 1)))
    expect(SHAPES.length + 1).toBe(SHAPE_BITS)
  })
})

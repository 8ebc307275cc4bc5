import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { startSymbol } from '../../../../functions/analytics/state-codec.ts'
import { DEFAULT_PATTERNS } from '../../../../functions/domain/patterns/table.ts'
import { ONE, type SeriesBar } from '../../../../functions/domain/series.ts'
import { BarFold } from '../../../../functions/domain/signals.ts'
import { readAnalysis } from '../../../../functions/shared/runtime/analysis-fields.ts'
import { barsArbitrary } from '../../../support/random-bars.ts'
import { barsOfCents, valuesOf } from '../../../support/values.ts'

/** The random bars lie around 100: the first bar is then near zero, or far below. */
const distances = fc.constantFrom(100, 100.03, 500)
const bars = barsArbitrary({ min: 60, max: 120 })

function lower(each: SeriesBar, distance: number): SeriesBar {
  const units = Math.round(distance * 100) * (ONE / 100)
  const { open, high, low, close } = each
  const vwap = each.volume === 0 ? 0 : each.vwap - units
  return { ...each, open: open - units, high: high - units, low: low - units, close: close - units, vwap }
}

describe('below zero', () => {
  it.each(['rsi(14)', 'atr(14)', 'adx(14)', 'stochastic(14,3,3)', 'obv'])(
    '%s has the values that it has above: it is made of differences',
    (selection) => {
      fc.assert(
        fc.property(bars, distances, (above, distance) => {
          const below = above.map((each) => lower(each, distance))
          expect(valuesOf(selection, below)).toEqual(valuesOf(selection, above))
        }),
        { numRuns: 20 },
      )
    },
  )

  it.each(['sma(5)', 'ema(5)', 'macd(3,5,4)', 'vwap'])('%s of mirrored prices is mirrored', (selection) => {
    fc.assert(
      fc.property(bars, (above) => {
        const below = above.map((each) => ({
          ...each,
          open: -each.open,
          high: -each.low,
          low: -each.high,
          close: -each.close,
          vwap: -each.vwap,
        }))
        const mirrored = valuesOf(selection, above).map((each) =>
          Object.fromEntries(Object.entries(each).map(([name, value]) => [name, -value + 0])),
        )
        expect(valuesOf(selection, below).map((each) => ({ ...each }))).toEqual(mirrored)
      }),
      { numRuns: 20 },
    )
  })

  it('bollinger bands lie around the mean', () => {
    const found = valuesOf('bollinger(3,2)', barsOfCents([2, -1, -3763])).at(-1)
    const [first, second, third] = [0.02, -0.01, -37.63]
    const mean = (first + second + third) / 3
    const deviation = Math.sqrt([first, second, third].reduce((sum, each) => sum + (each - mean) ** 2, 0) / 3)
    expect(found?.['bollinger_middle_3_2']).toBeCloseTo(mean, 9)
    expect(found?.['bollinger_upper_3_2']).toBeCloseTo(mean + 2 * deviation, 9)
    expect(found?.['bollinger_lower_3_2']).toBeCloseTo(mean - 2 * deviation, 9)
  })

  it('the same patterns are found', () => {
    const analysis = readAnalysis({ indicators: '', patterns: DEFAULT_PATTERNS, vwapAnchor: 'UTC 00:00' })
    const patternsOf = (each: readonly SeriesBar[]) =>
      new BarFold(analysis, startSymbol(analysis), { latenessSeconds: 0 })
        .take(each.map((bar) => ({ bar, revision: 1, withdrawn: false, closedAt: 0 })))
        .signals.map(({ patterns }) =>
          patterns.map(({ pattern, direction, strength, confidence }) => [
            pattern.name,
            direction,
            strength,
            confidence,
          ]),
        )
    fc.assert(
      fc.property(bars, distances, (above, distance) => {
        expect(patternsOf(above.map((each) => lower(each, distance)))).toEqual(patternsOf(above))
      }),
      { numRuns: 40 },
    )
  })
})

it('a mean of prices with more than eight decimals does not drift', () => {
  const close = (index: number) => (index % 7 === 0 ? 1e13 + 0.1 : 0.1 * ((index * 13) % 17))
  const prices = Array.from({ length: 20_000 }, (_, index) => (index < 10_000 ? close(index) : 0.3))
  const series = prices.map((price, index) => ({
    start: 60 * index,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: ONE,
    vwap: price,
  }))
  const last = valuesOf('sma(5)', series).at(-1)?.['sma_5'] ?? Number.NaN
  expect(last * ONE).toBeCloseTo(0.3, 14)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type AnalysisState,
  copyState,
  createAnalysis,
  findPatterns,
  nameValues,
  startAnalysis,
  takeBar,
} from '../../../functions/domain/analysis.ts'
import { ONE } from '../../../functions/domain/series.ts'
import { DEFAULT_INDICATORS } from '../../../functions/domain/indicators/table.ts'
import { DEFAULT_PATTERNS } from '../../../functions/domain/patterns/table.ts'
import type { SeriesBar } from '../../../functions/domain/series.ts'
import { readGolden } from '../../support/golden.ts'
import { expectSameInBatches } from '../../support/in-batches.ts'
import { barsArbitrary } from '../../support/random-bars.ts'

const analysis = createAnalysis({
  indicators: DEFAULT_INDICATORS,
  patterns: DEFAULT_PATTERNS,
  vwapAnchor: { timeZone: 'America/New_York', startMinutes: 0 },
})
const values = new Float64Array(analysis.outputs.length)

function take(state: AnalysisState, bar: SeriesBar) {
  takeBar(analysis, state, { bar, values })
  return { values: nameValues(analysis, values), patterns: findPatterns(analysis, state) }
}

const golden = readGolden().map(({ bar }) => bar)

function divided(by: number): (bar: SeriesBar) => SeriesBar {
  return ({ open, high, low, close, ...bar }) => ({
    ...bar,
    open: open / by,
    high: high / by,
    low: low / by,
    close: close / by,
  })
}

describe('an analysis', () => {
  it('leaves a copy as it was', () => {
    fc.assert(
      fc.property(barsArbitrary({ min: 40, max: 60 }), (bars) => {
        const state = startAnalysis(analysis)
        for (const bar of bars.slice(0, 30)) take(state, bar)
        const before = JSON.stringify(state)
        const copied = copyState(state)
        for (const bar of bars.slice(30)) take(copied, bar)
        expect(JSON.stringify(state)).toBe(before)
      }),
      { numRuns: 50 },
    )
  })

  it('gives the same to the bit in batches of any sizes, of 20,000 real bars', () => {
    const cuts = [1, 3, 6, 10, 15, 100, 611, 612, 1124, 1637, 5000, 5004, 9999]
    expectSameInBatches(analysis, golden, cuts)
  })

  it('gives the same to the bit in batches of any sizes, of bars whose prices are fractions of a unit', () => {
    fc.assert(
      fc.property(
        barsArbitrary({ min: 300, max: 300 }),
        fc.integer({ min: 3, max: 1000 }),
        fc.uniqueArray(fc.nat(299), { maxLength: 8 }),
        (bars, divisor, cuts) => expectSameInBatches(analysis, bars.map(divided(divisor)), cuts),
      ),
      { numRuns: 20 },
    )
  })

  it('has averages over the longest periods as their definitions say', () => {
    const state = startAnalysis(analysis)
    const closes = golden.slice(0, 1000).map(({ close }) => close / ONE)
    let ema: number | undefined
    for (const [index, bar] of golden.slice(0, 1000).entries()) {
      const found = take(state, bar).values
      const window = closes.slice(Math.max(0, index - 199), index + 1)
      const mean = window.reduce((sum, close) => sum + close, 0) / 200
      if (index < 199) {
        expect([found['sma_200'], found['ema_200']]).toEqual([undefined, undefined])
        continue
      }
      ema = ema === undefined ? mean : ema + ((closes[index] ?? 0) - ema) * (2 / 201)
      expect(found['sma_200']).toBeCloseTo(mean, 9)
      expect(found['ema_200']).toBeCloseTo(ema, 9)
    }
  })

  it('has no drift: after 20,000 bars of eight decimals the bands are those of the last twenty closes', () => {
    const state = startAnalysis(analysis)
    const exact = golden.map((bar, index) => ({ ...bar, close: bar.close + ((index * 7919) % 1000) - 500 }))
    const found = exact.map((bar) => take(state, bar).values).at(-1) ?? {}
    const closes = exact.slice(-20).map(({ close }) => BigInt(close))
    const sum = closes.reduce((total, close) => total + close, 0n)
    const spread = closes.reduce((total, close) => total + (20n * close - sum) ** 2n, 0n)
    const middle = Number(sum) / 20 / ONE
    const width = (2 * Math.sqrt(Number(spread) / 20)) / 20 / ONE
    expect(Math.abs((found['bollinger_upper_20_2'] ?? 0) / (middle + width) - 1)).toBeLessThan(1e-14)
    expect(Math.abs((found['bollinger_lower_20_2'] ?? 0) / (middle - width) - 1)).toBeLessThan(1e-14)
    expect(found['sma_20']).toBe(middle)
  })

  it('weighs the prices of a New York day by their volume, and begins anew with the next', () => {
    const state = startAnalysis(analysis)
    const midnight = Date.parse('2025-11-11T05:00:00Z') / 1000
    const bar = (minute: number, vwap: number, volume: number): SeriesBar => {
      const [price, units] = [vwap * ONE, volume * ONE]
      return {
        start: midnight + minute * 60,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: units,
        vwap: volume === 0 ? 0 : price,
      }
    }
    const bars = [bar(-3, 10, 0), bar(-2, 10, 1), bar(-1, 20, 3), bar(0, 40, 0), bar(1, 50, 2), bar(2, 60, 0)]
    expect(bars.map((each) => take(state, each).values['vwap'])).toEqual([
      undefined,
      10,
      17.5,
      undefined,
      50,
      50,
    ])
  })
})

describe('a pattern', () => {
  const state = startAnalysis(analysis)
  const found = golden.flatMap((bar, index) =>
    take(state, bar).patterns.map((each) => ({ index, ...each, candles: undefined })),
  )

  it('has a confidence between 0 and 1', () => {
    expect(found.filter(({ confidence }) => !(confidence >= 0 && confidence <= 1))).toEqual([])
  })

  it('is the same at any scale of prices', () => {
    const scaled = startAnalysis(analysis)
    const again = golden.flatMap((bar, index) => {
      const by = (units: number): number => units / 100_000
      const small = { open: by(bar.open), high: by(bar.high), low: by(bar.low), close: by(bar.close) }
      return take(scaled, { ...bar, ...small }).patterns.map((each) => ({
        index,
        ...each,
        candles: undefined,
      }))
    })
    expect(again).toEqual(found)
  })

  it('is not looked for before its bars are there', () => {
    const flat = startAnalysis(analysis)
    const bar = { start: 0, open: ONE, high: ONE, low: ONE, close: ONE, volume: 0, vwap: 0 }
    const first = Array.from({ length: 20 }, () => take(flat, bar).patterns.length).findIndex(
      (each) => each > 0,
    )
    expect(first).toBe(10)
  })
})

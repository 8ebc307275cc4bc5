import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createStateCodec, startSymbol } from '../../../../functions/analytics/state-codec.ts'
import { copyState, nameValues, startAnalysis, takeBar } from '../../../../functions/domain/analysis.ts'
import { INDICATORS } from '../../../../functions/domain/indicators/table.ts'
import type { SeriesBar } from '../../../../functions/domain/series.ts'
import { BarFold } from '../../../../functions/domain/signals.ts'
import { readAnalysis } from '../../../../functions/shared/runtime/analysis-fields.ts'
import { expectSameInBatches } from '../../../support/in-batches.ts'
import { barsArbitrary } from '../../../support/random-bars.ts'
import { valuesOf } from '../../../support/values.ts'

/** For each row of the table some parameters, and at which bar docs/indicators.md says that each value comes first. */
const FIRST_BARS: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  sma: { '(2)': { sma_2: 2 }, '(9)': { sma_9: 9 }, '(100)': { sma_100: 100 } },
  ema: { '(2)': { ema_2: 2 }, '(9)': { ema_9: 9 }, '(100)': { ema_100: 100 } },
  rsi: { '(2)': { rsi_2: 3 }, '(14)': { rsi_14: 15 } },
  macd: {
    '(12,26,9)': { macd_12_26_9: 34, macd_signal_12_26_9: 34, macd_histogram_12_26_9: 34 },
    '(3,2,2)': { macd_3_2_2: 4, macd_signal_3_2_2: 4, macd_histogram_3_2_2: 4 },
    '(5,5,20)': { macd_5_5_20: 24, macd_signal_5_5_20: 24, macd_histogram_5_5_20: 24 },
  },
  bollinger: {
    '(20,2)': { bollinger_upper_20_2: 20, bollinger_middle_20_2: 20, bollinger_lower_20_2: 20 },
    '(3,0.5)': { 'bollinger_upper_3_0.5': 3, 'bollinger_middle_3_0.5': 3, 'bollinger_lower_3_0.5': 3 },
  },
  atr: { '(2)': { atr_2: 3 }, '(14)': { atr_14: 15 } },
  adx: {
    '(2)': { plus_di_2: 3, minus_di_2: 3, adx_2: 4 },
    '(14)': { plus_di_14: 15, minus_di_14: 15, adx_14: 28 },
  },
  stochastic: {
    '(14,3,3)': { stochastic_k_14_3_3: 18, stochastic_d_14_3_3: 18 },
    '(5,1,1)': { stochastic_k_5_1_1: 5, stochastic_d_5_1_1: 5 },
    '(2,4,7)': { stochastic_k_2_4_7: 11, stochastic_d_2_4_7: 11 },
  },
  obv: { '': { obv: 1 } },
  // The random bars may begin without volume; those below do not.
  vwap: { '': { vwap: 1 } },
}

const BARS = 130
const barsOf = barsArbitrary({ min: BARS, max: BARS })
const cutsOf = fc.uniqueArray(fc.nat(BARS - 1), { minLength: 1, maxLength: 12 })

describe('the table of indicators', () => {
  it('has no row without parameters to try, here', () => {
    expect(Object.keys(FIRST_BARS)).toEqual([...INDICATORS.keys()])
  })
})

const selections = Object.entries(FIRST_BARS).flatMap(([kind, byParameters]) =>
  Object.entries(byParameters).map(([parameters, firstBars]) => [`${kind}${parameters}`, firstBars] as const),
)

describe.each(selections)('%s', (selection, firstBars) => {
  const analysis = readAnalysis({ indicators: selection, patterns: '', vwapAnchor: 'UTC 00:00' })
  const values = new Float64Array(analysis.outputs.length)
  const take = (state: ReturnType<typeof startAnalysis>, bar: SeriesBar) => {
    takeBar(analysis, state, { bar, values })
    return nameValues(analysis, values)
  }

  it('has each value from the bar on that docs/indicators.md says', () => {
    fc.assert(
      fc.property(barsOf, (bars) => {
        const traded = bars.map((bar) => ({ ...bar, volume: bar.volume + 1, vwap: bar.close }))
        const found = valuesOf(selection, traded)
        for (const [index, each] of found.entries())
          expect([index + 1, Object.keys(each)]).toEqual([
            index + 1,
            Object.keys(firstBars).filter((name) => (firstBars[name] ?? 0) <= index + 1),
          ])
        expect(found.flatMap((each) => Object.values(each)).every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 8 },
    )
  })

  it('gives the same to the bit, and has the same state, however its bars are batched', () => {
    fc.assert(
      fc.property(barsOf, cutsOf, (bars, cuts) => expectSameInBatches(analysis, bars, cuts)),
      { numRuns: 30 },
    )
  })

  it('goes on the same from its state as JSON, wherever it is cut', () => {
    fc.assert(
      fc.property(barsOf, cutsOf, (bars, cuts) => {
        const whole = startAnalysis(analysis)
        let cut = startAnalysis(analysis)
        for (const [index, bar] of bars.entries()) {
          if (cuts.includes(index)) cut = JSON.parse(JSON.stringify(cut))
          expect(take(cut, bar)).toEqual(take(whole, bar))
        }
      }),
      { numRuns: 8 },
    )
  })

  it('goes on the same from its item, wherever it is cut, and the item gives the state back to the bit', () => {
    const codec = createStateCodec(analysis)
    fc.assert(
      fc.property(barsOf, cutsOf, (bars, cuts) => {
        const whole = startSymbol(analysis)
        let cut = startSymbol(analysis)
        for (const [index, bar] of bars.entries()) {
          if (cuts.includes(index)) {
            const item = codec.encode(cut)
            cut = codec.decode(item)
            expect(codec.encode(cut)).toEqual(item)
            expect(cut.finalized.indicators).toEqual(whole.finalized.indicators)
          }
          const [cutOff, expected] = [cut, whole].map((state) =>
            new BarFold(analysis, state, { latenessSeconds: 120 }).take([
              { bar, revision: 1, withdrawn: false, closedAt: 0 },
            ]),
          )
          expect(cutOff).toEqual(expected)
        }
      }),
      { numRuns: 8 },
    )
  })

  it('leaves a copy as it was, and is left by it', () => {
    fc.assert(
      fc.property(barsOf, fc.integer({ min: 1, max: BARS - 2 }), (bars, at) => {
        const state = startAnalysis(analysis)
        for (const bar of bars.slice(0, at)) take(state, bar)
        const before = JSON.stringify(state)
        const copied = copyState(state)
        for (const bar of bars.slice(at)) take(copied, bar)
        expect(JSON.stringify(state)).toBe(before)
        const after = JSON.stringify(copied)
        for (const bar of bars.slice(at)) take(state, bar)
        expect(JSON.stringify(copied)).toBe(after)
        expect(JSON.stringify(state)).toBe(after)
      }),
      { numRuns: 8 },
    )
  })
})

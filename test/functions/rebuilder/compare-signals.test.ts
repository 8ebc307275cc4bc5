import fc from 'fast-check'
import { expect, it } from 'vitest'

import { nameValues } from '../../../functions/domain/analysis.ts'
import { areSameValues } from '../../../functions/rebuilder/compare-signals.ts'
import { readAnalysis } from '../../../functions/shared/runtime/analysis-fields.ts'

const analysis = readAnalysis({
  indicators: 'sma(5) macd(12,26,9) rsi(14)',
  patterns: '',
  vwapAnchor: 'UTC 00:00',
})

/** Values of all outputs; NaN where there is none. */
const anyValues = fc
  .array(fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constant(Number.NaN)), {
    minLength: analysis.outputs.length,
    maxLength: analysis.outputs.length,
  })
  .map((values) => Float64Array.from(values))

it('finds values the same that are stored as they are', () => {
  fc.assert(
    fc.property(anyValues, (values) => {
      expect(areSameValues(analysis, values, nameValues(analysis, values))).toBe(true)
    }),
  )
})

it('finds a value that is stored and was not made, or was made and is not stored', () => {
  fc.assert(
    fc.property(anyValues, fc.nat({ max: analysis.outputs.length - 1 }), (values, place) => {
      const named = nameValues(analysis, values)
      const name = analysis.outputs[place] ?? ''
      const { [name]: left, ...others } = named
      expect(areSameValues(analysis, values, left === undefined ? { ...named, [name]: 0 } : others)).toBe(
        false,
      )
    }),
  )
})

it('finds a stored value of an indicator that is not selected any more', () => {
  const values = new Float64Array(analysis.outputs.length)
  const named = nameValues(analysis, values)
  expect(areSameValues(analysis, values, { ...named, sma_20: 1 })).toBe(false)
})

it('compares to nine digits of the largest value of an indicator', () => {
  const values = Float64Array.from(analysis.outputs, (name) => (name === 'macd_12_26_9' ? 1e-3 : 1000))
  const named = nameValues(analysis, values)
  expect(areSameValues(analysis, values, { ...named, macd_12_26_9: 1e-3 + 0.9e-6 })).toBe(true)
  expect(areSameValues(analysis, values, { ...named, macd_12_26_9: 1e-3 + 1.1e-6 })).toBe(false)
  expect(areSameValues(analysis, values, { ...named, sma_5: 1000 + 1.1e-6 })).toBe(false)
})

import { nameValues, startAnalysis, takeBar } from '../../functions/domain/analysis.ts'
import { ONE } from '../../functions/domain/series.ts'
import type { SeriesBar } from '../../functions/domain/series.ts'
import { readAnalysis } from '../../functions/shared/runtime/analysis-fields.ts'

/** The values of a selection of indicators after each bar, by name. */
export function valuesOf(indicators: string, bars: readonly SeriesBar[]): Record<string, number>[] {
  const analysis = readAnalysis({ indicators, patterns: '', vwapAnchor: 'UTC 00:00' })
  const state = startAnalysis(analysis)
  const values = new Float64Array(analysis.outputs.length)
  return bars.map((bar) => {
    takeBar(analysis, state, { bar, values })
    return nameValues(analysis, values)
  })
}

/** Bars a minute apart, of prices in cents; `reach` is how far high and low lie from the close. */
export function barsOfCents(cents: readonly number[], reach: readonly number[] = []): SeriesBar[] {
  const cent = ONE / 100
  return cents.map((close, index) => ({
    start: 60 * index,
    open: close * cent,
    high: (close + (reach[index] ?? 0)) * cent,
    low: (close - (reach[index] ?? 0)) * cent,
    close: close * cent,
    volume: ONE,
    vwap: close * cent,
  }))
}

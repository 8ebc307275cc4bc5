import { valueAt } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD } from './indicator.ts'

type State = [taken: number, average: number]
const TAKEN = 0
const AVERAGE = 1

/** Exponential moving average of the close. */
export const ema: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['ema'],
  create({ period }): Indicator<State> {
    const over = smoothing(period)
    return {
      depth: {},
      fadesAfter: 20 * period,
      size: 2,
      take(state, { from, to, closePrices, values }, at) {
        let taken = state[TAKEN]
        let average = state[AVERAGE]
        for (let bar = from, place = at; bar < to; bar++, place++) {
          average = smooth(average, taken, valueAt(closePrices, bar), over)
          if (taken < period) taken++
          if (taken === period) values[place] = average
        }
        state[TAKEN] = taken
        state[AVERAGE] = average
      },
    }
  },
}

/** A period, and the weight of a new value in its average. */
type Smoothing = { readonly period: number; readonly weight: number }

export function smoothing(period: number): Smoothing {
  return { period, weight: 2 / (period + 1) }
}

/**
 * An exponential average after one more value, whose seed is the mean of the first `period`.
 *
 * @param average their sum, while fewer than `period` values were taken
 * @param taken how many values were taken before, up to `period`
 */
export function smooth(average: number, taken: number, value: number, { period, weight }: Smoothing): number {
  if (taken === period) return average + (value - average) * weight
  return taken + 1 < period ? average + value : (average + value) / period
}

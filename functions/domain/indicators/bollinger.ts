import { closeAgo, type Series } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'

/** Σ and Σ² of the last closes, each less `anchor`, which keeps the squares small. */
type State = [bars: number, turns: number, anchor: number, sum: number, squares: number]
const BARS = 0
const TURNS = 1
const ANCHOR = 2
const SUM = 3
const SQUARES = 4

/**
 * Bollinger bands: the mean of the last closes, and so many standard deviations (of the whole population) above and
 * below. The sums are made anew once in each period, so that no rounding builds up.
 */
export const bollinger: IndicatorKind<'period' | 'deviations'> = {
  parameters: { period: PERIOD, deviations: { min: 0.1, max: 10, kind: 'any' } },
  outputs: ['bollinger_upper', 'bollinger_middle', 'bollinger_lower'],
  create({ period, deviations }): Indicator<State> {
    return {
      depth: { closes: period },
      fadesAfter: 2 * period,
      size: 5,
      next(state, { bar, series, values }, at) {
        const isFull = state[BARS] === period
        if (!isFull) state[BARS]++
        if (state[TURNS] === 0) sumAnew(state, series)
        else {
          add(state, bar.close)
          if (isFull) remove(state, closeAgo(series, period))
        }
        state[TURNS] = state[TURNS] + 1 === period ? 0 : state[TURNS] + 1
        if (state[BARS] < period) return
        const mean = state[SUM] / period
        const variance = state[SQUARES] / period - mean * mean
        const width = variance > 0 ? price(deviations * Math.sqrt(variance)) : 0
        const middle = price(state[ANCHOR] + mean)
        values[at] = middle + width
        values[at + 1] = middle
        values[at + 2] = middle - width
      },
    }
  },
}

function sumAnew(state: State, series: Series): void {
  state[ANCHOR] = closeAgo(series, 0)
  state[SUM] = 0
  state[SQUARES] = 0
  for (let bars = 0; bars < state[BARS]; bars++) add(state, closeAgo(series, bars))
}

function add(state: State, close: number): void {
  const difference = close - state[ANCHOR]
  state[SUM] += difference
  state[SQUARES] += difference * difference
}

function remove(state: State, close: number): void {
  const difference = close - state[ANCHOR]
  state[SUM] -= difference
  state[SQUARES] -= difference * difference
}

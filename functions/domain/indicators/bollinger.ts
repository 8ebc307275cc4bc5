import { ago, type Series } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'

/** Σ and Σ² of the last closes, each less `anchor`, which keeps the squares small. */
type State = { bars: number; turns: number; anchor: number; sum: number; squares: number }

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
      start: () => ({ bars: 0, turns: 0, anchor: 0, sum: 0, squares: 0 }),
      next(state, { bar, series, values }, at) {
        const isFull = state.bars === period
        if (!isFull) state.bars++
        if (state.turns === 0) sumAnew(state, series)
        else {
          add(state, bar.close)
          if (isFull) remove(state, ago(series, 'closes', period))
        }
        state.turns = state.turns + 1 === period ? 0 : state.turns + 1
        if (state.bars < period) return
        const mean = state.sum / period
        const variance = state.squares / period - mean * mean
        const width = variance > 0 ? deviations * Math.sqrt(variance) : 0
        const middle = state.anchor + mean
        values[at] = price(middle + width)
        values[at + 1] = price(middle)
        values[at + 2] = price(middle - width)
      },
    }
  },
}

function sumAnew(state: State, series: Series): void {
  state.anchor = ago(series, 'closes', 0)
  state.sum = 0
  state.squares = 0
  for (let bars = 0; bars < state.bars; bars++) add(state, ago(series, 'closes', bars))
}

function add(state: State, close: number): void {
  const difference = close - state.anchor
  state.sum += difference
  state.squares += difference * difference
}

function remove(state: State, close: number): void {
  const difference = close - state.anchor
  state.sum -= difference
  state.squares -= difference * difference
}

import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'

/** `value` is the sum of what was taken until there are `period` values, the average from then on. */
export type EmaState = { bars: number; value: number }

/** Exponential moving average of the close. */
export const ema: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['ema'],
  create({ period }): Indicator<EmaState> {
    return {
      depth: {},
      start: () => ({ bars: 0, value: 0 }),
      next(state, { bar, values }, at) {
        if (smooth(state, price(bar.close), period)) values[at] = state.value
      },
    }
  },
}

/** Takes a value into an average, in place, whose seed is the mean of the first values; true when it has one. */
export function smooth(state: EmaState, value: number, period: number): boolean {
  if (state.bars === period) {
    state.value += (value - state.value) * (2 / (period + 1))
    return true
  }
  state.bars++
  state.value += value
  if (state.bars < period) return false
  state.value /= period
  return true
}

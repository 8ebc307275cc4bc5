import { type EmaState, smooth } from './ema.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'

type State = { skipped: number; fast: EmaState; slow: EmaState; signal: EmaState }

/**
 * Moving average convergence/divergence. As in TA-Lib, both averages get their seed at the same bar, the first at
 * which the slow one has a value, and nothing is given before the signal has a value.
 */
export const macd: IndicatorKind<'fast' | 'slow' | 'signal'> = {
  parameters: { fast: PERIOD, slow: PERIOD, signal: PERIOD },
  outputs: ['macd', 'macd_signal', 'macd_histogram'],
  create(periods): Indicator<State> {
    const fast = Math.min(periods.fast, periods.slow)
    const slow = Math.max(periods.fast, periods.slow)
    const start = (): EmaState => ({ bars: 0, value: 0 })
    return {
      depth: {},
      start: () => ({ skipped: 0, fast: start(), slow: start(), signal: start() }),
      next(state, { bar, values }, at) {
        const close = price(bar.close)
        if (state.skipped < slow - fast) state.skipped++
        else smooth(state.fast, close, fast)
        if (!smooth(state.slow, close, slow)) return
        const difference = state.fast.value - state.slow.value
        if (!smooth(state.signal, difference, periods.signal)) return
        values[at] = difference
        values[at + 1] = state.signal.value
        values[at + 2] = difference - state.signal.value
      },
    }
  },
}

import { smooth, smoothing } from './ema.ts'
import { type Indicator, type IndicatorKind, PERIOD } from './indicator.ts'

type State = [
  skipped: number,
  fastTaken: number,
  fast: number,
  slowTaken: number,
  slow: number,
  signalTaken: number,
  signal: number,
]
const SKIPPED = 0
const FAST_TAKEN = 1
const FAST = 2
const SLOW_TAKEN = 3
const SLOW = 4
const SIGNAL_TAKEN = 5
const SIGNAL = 6

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
    const [overFast, overSlow, overSignal] = [smoothing(fast), smoothing(slow), smoothing(periods.signal)]
    return {
      depth: {},
      fadesAfter: 20 * (slow + periods.signal),
      size: 7,
      next(state, { closePrice, values }, at) {
        if (state[SKIPPED] < slow - fast) state[SKIPPED]++
        else smooth(state, FAST_TAKEN, closePrice, overFast)
        if (!smooth(state, SLOW_TAKEN, closePrice, overSlow)) return
        const difference = state[FAST] - state[SLOW]
        if (!smooth(state, SIGNAL_TAKEN, difference, overSignal)) return
        const signal = state[SIGNAL]
        values[at] = difference
        values[at + 1] = signal
        values[at + 2] = difference - signal
      },
    }
  },
}

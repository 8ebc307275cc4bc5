import { valueAt } from '../series.ts'
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
      take(state, { from, to, closePrices, values, stride }, at) {
        let skipped = state[SKIPPED]
        let fastTaken = state[FAST_TAKEN]
        let fastMean = state[FAST]
        let slowTaken = state[SLOW_TAKEN]
        let slowMean = state[SLOW]
        let signalTaken = state[SIGNAL_TAKEN]
        let signal = state[SIGNAL]
        for (let bar = from, place = at; bar < to; bar++, place++) {
          const close = valueAt(closePrices, bar)
          if (skipped < slow - fast) skipped++
          else {
            fastMean = smooth(fastMean, fastTaken, close, overFast)
            if (fastTaken < fast) fastTaken++
          }
          slowMean = smooth(slowMean, slowTaken, close, overSlow)
          if (slowTaken < slow) slowTaken++
          if (slowTaken < slow) continue
          const difference = fastMean - slowMean
          signal = smooth(signal, signalTaken, difference, overSignal)
          if (signalTaken < periods.signal) signalTaken++
          if (signalTaken < periods.signal) continue
          values[place] = difference
          values[place + stride] = signal
          values[place + 2 * stride] = difference - signal
        }
        state[SKIPPED] = skipped
        state[FAST_TAKEN] = fastTaken
        state[FAST] = fastMean
        state[SLOW_TAKEN] = slowTaken
        state[SLOW] = slowMean
        state[SIGNAL_TAKEN] = signalTaken
        state[SIGNAL] = signal
      },
    }
  },
}

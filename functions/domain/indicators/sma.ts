import { ONE } from '../decimal.ts'
import { closeAgo } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD } from './indicator.ts'

type State = [bars: number, sum: number]
const BARS = 0
const SUM = 1

/** Simple moving average of the close. The sum is of whole units and does not drift. */
export const sma: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['sma'],
  create({ period }): Indicator<State> {
    const divisor = period * ONE
    return {
      depth: { closes: period },
      size: 2,
      next(state, { bar, series, values }, at) {
        state[SUM] += bar.close
        if (state[BARS] === period) state[SUM] -= closeAgo(series, period)
        else state[BARS]++
        if (state[BARS] === period) values[at] = state[SUM] / divisor
      },
    }
  },
}

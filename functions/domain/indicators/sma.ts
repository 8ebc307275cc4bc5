import { ONE } from '../series.ts'
import { closeAgo, type Series } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD } from './indicator.ts'

type State = [bars: number, sum: number]
const BARS = 0
const SUM = 1

/**
 * Simple moving average of the close. A sum of whole units does not drift; that of prices with more than 8 decimals would,
 * so it is made anew once in each period.
 */
export const sma: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['sma'],
  create({ period }): Indicator<State> {
    const divisor = period * ONE
    return {
      depth: { closes: period },
      fadesAfter: 2 * period,
      size: 2,
      next(state, { bar, series, values }, at) {
        state[SUM] += bar.close
        if (state[BARS] === period) state[SUM] -= closeAgo(series, period)
        else state[BARS]++
        if (state[BARS] < period) return
        if (series.count % period === 0) state[SUM] = sumOf(series, period)
        values[at] = state[SUM] / divisor
      },
    }
  },
}

function sumOf(series: Series, period: number): number {
  let sum = 0
  for (let bars = period - 1; bars >= 0; bars--) sum += closeAgo(series, bars)
  return sum
}

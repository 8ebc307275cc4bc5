import { ONE, valueAt } from '../series.ts'
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
      take(state, { from, to, series: { closes }, values }, at) {
        let bars = state[BARS]
        let sum = state[SUM]
        // How many bars of its period there were; a division would take longer than all the rest.
        let turn = from % period
        for (let bar = from, place = at; bar < to; bar++, place++) {
          sum += valueAt(closes, bar)
          if (bars === period) sum -= valueAt(closes, bar - period)
          else bars++
          if (++turn === period) turn = 0
          if (bars < period) continue
          if (turn === 0) sum = sumOf(closes, bar, period)
          values[place] = sum / divisor
        }
        state[BARS] = bars
        state[SUM] = sum
      },
    }
  },
}

/** Of so many closes, the last that of `bar`. */
function sumOf(closes: readonly number[], bar: number, count: number): number {
  let sum = 0
  for (let each = bar - count + 1; each <= bar; each++) sum += valueAt(closes, each)
  return sum
}

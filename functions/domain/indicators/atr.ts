import { valueAt } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'
import { smoothWilder, trueRange } from './wilder.ts'

type State = [bars: number, ranges: number, range: number]
const BARS = 0
const RANGES = 1
const RANGE = 2

/** Average true range. The first bar, which has no close before it, has no true range. */
export const atr: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['atr'],
  create({ period }): Indicator<State> {
    return {
      depth: { closes: 1 },
      fadesAfter: 40 * period,
      size: 3,
      take(state, { from, to, series: { closes, highs, lows }, values }, at) {
        let taken = state[RANGES]
        let range = state[RANGE]
        const first = state[BARS] === 0 ? from + 1 : from
        for (let bar = first, place = at + first - from; bar < to; bar++, place++) {
          const ofBar = trueRange(valueAt(highs, bar), valueAt(lows, bar), valueAt(closes, bar - 1))
          range = smoothWilder(range, taken, ofBar, period)
          if (taken < period) taken++
          if (taken === period) values[place] = price(range)
        }
        state[BARS] = 1
        state[RANGES] = taken
        state[RANGE] = range
      },
    }
  },
}

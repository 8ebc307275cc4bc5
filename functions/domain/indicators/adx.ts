import { valueAt } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, riseOf } from './indicator.ts'
import { NO_MOVE, smoothWilder, trueRange } from './wilder.ts'

type State = [bars: number, up: number, down: number, range: number, indexTaken: number, index: number]
const BARS = 0
const UP = 1
const DOWN = 2
const RANGE = 3
const INDEX_TAKEN = 4
const INDEX = 5

/** Less than this is none, as in TA-Lib; it has no unit. */
const NO_DIRECTION = 1e-14

/**
 * Directional movement: +DI and −DI, and ADX, which comes `period` − 1 bars later. A movement counts up when the high
 * has risen further than the low has fallen, down when the low has fallen further; a tie counts as neither.
 */
export const adx: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['plus_di', 'minus_di', 'adx'],
  create({ period }): Indicator<State> {
    const forget = 1 - 1 / period
    return {
      depth: { closes: 1, bars: 1 },
      fadesAfter: 80 * period,
      size: 6,
      take(state, { from, to, series: { closes, highs, lows }, values, stride }, at) {
        let bars = state[BARS]
        let up = state[UP]
        let down = state[DOWN]
        let range = state[RANGE]
        let taken = state[INDEX_TAKEN]
        let index = state[INDEX]
        const first = bars === 0 ? from + 1 : from
        if (bars === 0) bars = 1
        for (let bar = first, place = at + first - from; bar < to; bar++, place++) {
          const high = valueAt(highs, bar)
          const low = valueAt(lows, bar)
          const rise = high - valueAt(highs, bar - 1)
          const fall = valueAt(lows, bar - 1) - low
          // Sums over a period that forget as an average does; the first has a bar less.
          const keep = bars < period ? 1 : forget
          up = up * keep + Number(rise > fall) * riseOf(rise)
          down = down * keep + Number(fall > rise) * riseOf(fall)
          range = range * keep + trueRange(high, low, valueAt(closes, bar - 1))
          if (bars < period) {
            bars++
            continue
          }
          const plus = range < NO_MOVE ? 0 : 100 * (up / range)
          const minus = range < NO_MOVE ? 0 : 100 * (down / range)
          values[place] = plus
          values[place + stride] = minus
          const has = plus + minus >= NO_DIRECTION
          if (has || taken < period) {
            const direction = has ? 100 * (Math.abs(plus - minus) / (plus + minus)) : 0
            index = smoothWilder(index, taken, direction, period)
            if (taken < period) taken++
          }
          if (taken === period) values[place + 2 * stride] = index
        }
        state[BARS] = bars
        state[UP] = up
        state[DOWN] = down
        state[RANGE] = range
        state[INDEX_TAKEN] = taken
        state[INDEX] = index
      },
    }
  },
}

import { highAgo, lowAgo } from '../series.ts'
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
      next(state, { bar, closeBefore, series, values }, at) {
        if (state[BARS] === 0) {
          state[BARS] = 1
          return
        }
        const rise = bar.high - highAgo(series, 1)
        const fall = lowAgo(series, 1) - bar.low
        // Sums over a period that forget as an average does; the first has a bar less.
        const keep = state[BARS] < period ? 1 : forget
        state[UP] = state[UP] * keep + Number(rise > fall) * riseOf(rise)
        state[DOWN] = state[DOWN] * keep + Number(fall > rise) * riseOf(fall)
        state[RANGE] = state[RANGE] * keep + trueRange(bar, closeBefore)
        if (state[BARS] < period) {
          state[BARS]++
          return
        }
        const plus = state[RANGE] < NO_MOVE ? 0 : 100 * (state[UP] / state[RANGE])
        const minus = state[RANGE] < NO_MOVE ? 0 : 100 * (state[DOWN] / state[RANGE])
        values[at] = plus
        values[at + 1] = minus
        if (plus + minus >= NO_DIRECTION)
          smoothWilder(state, INDEX_TAKEN, 100 * (Math.abs(plus - minus) / (plus + minus)), period)
        else if (state[INDEX_TAKEN] < period) smoothWilder(state, INDEX_TAKEN, 0, period)
        if (state[INDEX_TAKEN] === period) values[at + 2] = state[INDEX]
      },
    }
  },
}

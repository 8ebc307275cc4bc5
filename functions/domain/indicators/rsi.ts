import { valueAt } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, riseOf } from './indicator.ts'
import { NO_MOVE, smoothWilder } from './wilder.ts'

type State = [bars: number, gains: number, gain: number, losses: number, loss: number]
const BARS = 0
const GAINS = 1
const GAIN = 2
const LOSSES = 3
const LOSS = 4

/** Relative strength index of the close. 0 when the price has not moved, or so long ago that its averages have faded. */
export const rsi: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['rsi'],
  create({ period }): Indicator<State> {
    return {
      depth: { closes: 1 },
      fadesAfter: 40 * period,
      size: 5,
      take(state, { from, to, series: { closes }, values }, at) {
        let taken = state[GAINS]
        let gain = state[GAIN]
        let loss = state[LOSS]
        // The first bar has no change.
        const first = state[BARS] === 0 ? from + 1 : from
        let before = valueAt(closes, first - 1)
        for (let bar = first, place = at + first - from; bar < to; bar++, place++) {
          const close = valueAt(closes, bar)
          const change = close - before
          before = close
          gain = smoothWilder(gain, taken, riseOf(change), period)
          loss = smoothWilder(loss, taken, riseOf(-change), period)
          if (taken < period) taken++
          if (taken < period) continue
          const moved = gain + loss
          values[place] = moved < NO_MOVE ? 0 : 100 * (gain / moved)
        }
        state[BARS] = 1
        state[GAINS] = taken
        state[GAIN] = gain
        state[LOSSES] = taken
        state[LOSS] = loss
      },
    }
  },
}

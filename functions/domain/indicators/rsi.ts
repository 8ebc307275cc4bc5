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
      next(state, { bar, closeBefore, values }, at) {
        if (state[BARS] === 0) {
          state[BARS] = 1
          return
        }
        const change = bar.close - closeBefore
        smoothWilder(state, GAINS, riseOf(change), period)
        if (!smoothWilder(state, LOSSES, riseOf(-change), period)) return
        const moved = state[GAIN] + state[LOSS]
        values[at] = moved < NO_MOVE ? 0 : 100 * (state[GAIN] / moved)
      },
    }
  },
}

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
      next(state, { bar, closeBefore, values }, at) {
        if (state[BARS] === 0) {
          state[BARS] = 1
          return
        }
        const value = trueRange(bar, closeBefore)
        if (smoothWilder(state, RANGES, value, period)) values[at] = price(state[RANGE])
      },
    }
  },
}

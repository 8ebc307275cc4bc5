import { ONE } from '../series.ts'
import { type Indicator, type IndicatorKind, price } from './indicator.ts'

type State = [bars: number, volume: number]
const BARS = 0
const VOLUME = 1

/** On-balance volume: the volume of bars that closed higher less that of bars that closed lower; the first counts. */
export const obv: IndicatorKind<never> = {
  parameters: {},
  outputs: ['obv'],
  create(): Indicator<State> {
    return {
      depth: { closes: 1 },
      fadesAfter: Infinity,
      size: 2,
      next(state, { bar, closeBefore, values }, at) {
        const change = state[BARS] === 0 ? 1 : bar.close - closeBefore
        state[BARS] = 1
        // A branch would be guessed wrong at every second bar.
        state[VOLUME] += (Number(change > 0) - Number(change < 0)) * bar.volume
        values[at] = price(state[VOLUME])
      },
      resume(state, value) {
        state[VOLUME] = Math.round(value * ONE)
      },
    }
  },
}

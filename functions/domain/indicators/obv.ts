import { ONE, valueAt } from '../series.ts'
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
      take(state, { from, to, series: { closes }, volumes, values }, at) {
        let volume = state[VOLUME]
        for (let bar = from, place = at; bar < to; bar++, place++) {
          const isFirst = bar === from && state[BARS] === 0
          const change = isFirst ? 1 : valueAt(closes, bar) - valueAt(closes, bar - 1)
          // A branch would be guessed wrong at every second bar.
          volume += (Number(change > 0) - Number(change < 0)) * valueAt(volumes, bar)
          values[place] = price(volume)
        }
        state[BARS] = 1
        state[VOLUME] = volume
      },
      resume(state, value) {
        state[VOLUME] = Math.round(value * ONE)
      },
    }
  },
}

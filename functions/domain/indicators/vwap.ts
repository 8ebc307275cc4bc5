import { valueAt } from '../series.ts'
import { type Indicator, type IndicatorKind, price } from './indicator.ts'

type State = [day: number, notional: number, volume: number]
const DAY = 0
const NOTIONAL = 1
const VOLUME = 2

/** Volume-weighted average price of the trades since the day's anchor; none before the first volume. */
export const vwap: IndicatorKind<never> = {
  parameters: {},
  outputs: ['vwap'],
  create(_parameters, { vwapDayOf }): Indicator<State> {
    return {
      depth: {},
      // Within its day.
      fadesAfter: 1,
      size: 3,
      take(state, { from, to, series: { starts }, vwaps, volumes, values }, at) {
        let day = state[DAY]
        let notional = state[NOTIONAL]
        let volume = state[VOLUME]
        for (let bar = from, place = at; bar < to; bar++, place++) {
          const dayOfBar = vwapDayOf(valueAt(starts, bar))
          if (dayOfBar !== day) {
            day = dayOfBar
            notional = 0
            volume = 0
          }
          const added = price(valueAt(volumes, bar))
          notional += price(valueAt(vwaps, bar)) * added
          volume += added
          if (volume > 0) values[place] = notional / volume
        }
        state[DAY] = day
        state[NOTIONAL] = notional
        state[VOLUME] = volume
      },
    }
  },
}

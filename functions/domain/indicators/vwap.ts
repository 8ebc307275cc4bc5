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
      next(state, { bar, values }, at) {
        const day = vwapDayOf(bar.start)
        if (day !== state[DAY]) {
          state[DAY] = day
          state[NOTIONAL] = 0
          state[VOLUME] = 0
        }
        state[NOTIONAL] += price(bar.vwap) * price(bar.volume)
        state[VOLUME] += price(bar.volume)
        if (state[VOLUME] > 0) values[at] = state[NOTIONAL] / state[VOLUME]
      },
    }
  },
}

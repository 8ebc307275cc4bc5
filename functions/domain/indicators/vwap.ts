import { type Indicator, type IndicatorKind, price } from './indicator.ts'

type State = [session: number, notional: number, volume: number]
const SESSION = 0
const NOTIONAL = 1
const VOLUME = 2

/** Volume-weighted average price of the session's trades so far; none before its first volume. */
export const vwap: IndicatorKind<never> = {
  parameters: {},
  outputs: ['vwap'],
  create(_parameters, { sessionOf }): Indicator<State> {
    return {
      depth: {},
      size: 3,
      next(state, { bar, values }, at) {
        const session = sessionOf(bar.start)
        if (session !== state[SESSION]) {
          state[SESSION] = session
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

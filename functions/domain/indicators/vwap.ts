import { type Indicator, type IndicatorKind, price } from './indicator.ts'

type State = { session: number; notional: number; volume: number }

/** Volume-weighted average price of the session's trades so far; none before its first volume. */
export const vwap: IndicatorKind<never> = {
  parameters: {},
  outputs: ['vwap'],
  create(_parameters, { sessionOf }): Indicator<State> {
    return {
      depth: {},
      start: () => ({ session: 0, notional: 0, volume: 0 }),
      next(state, { bar, values }, at) {
        const session = sessionOf(bar.start)
        if (session !== state.session) {
          state.session = session
          state.notional = 0
          state.volume = 0
        }
        state.notional += price(bar.vwap) * price(bar.volume)
        state.volume += price(bar.volume)
        if (state.volume > 0) values[at] = state.notional / state.volume
      },
    }
  },
}

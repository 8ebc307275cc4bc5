import { ago } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'
import { smoothWilder, trueRange, type WilderState } from './wilder.ts'

type State = { bars: number; range: WilderState }

/** Average true range. The first bar, which has no close before it, has no true range. */
export const atr: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['atr'],
  create({ period }): Indicator<State> {
    return {
      depth: { closes: 1 },
      start: () => ({ bars: 0, range: { bars: 0, value: 0 } }),
      next(state, { bar, series, values }, at) {
        if (state.bars === 0) {
          state.bars = 1
          return
        }
        const { range } = state
        if (smoothWilder(range, trueRange(bar, ago(series, 'closes', 1)), period))
          values[at] = price(range.value)
      },
    }
  },
}

import { ago } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD } from './indicator.ts'
import { smoothWilder, type WilderState } from './wilder.ts'

type State = { bars: number; gain: WilderState; loss: WilderState }

/** Relative strength index of the close. 0 when the price has not moved. */
export const rsi: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['rsi'],
  create({ period }): Indicator<State> {
    return {
      depth: { closes: 1 },
      start: () => ({ bars: 0, gain: { bars: 0, value: 0 }, loss: { bars: 0, value: 0 } }),
      next(state, { bar, series, values }, at) {
        if (state.bars === 0) {
          state.bars = 1
          return
        }
        const { gain, loss } = state
        const change = bar.close - ago(series, 'closes', 1)
        smoothWilder(gain, change > 0 ? change : 0, period)
        if (!smoothWilder(loss, change < 0 ? -change : 0, period)) return
        const moved = gain.value + loss.value
        values[at] = moved === 0 ? 0 : 100 * (gain.value / moved)
      },
    }
  },
}

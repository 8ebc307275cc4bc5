import { ago } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD } from './indicator.ts'
import { smoothWilder, trueRange, type WilderState } from './wilder.ts'

type State = { bars: number; up: number; down: number; range: number; index: WilderState }

/** Less than this is nothing, as in TA-Lib: 10⁻¹⁴ of a price, in units of 10⁻⁸; and 10⁻¹⁴ of what has no unit. */
const NO_RANGE = 1e-6
const NO_DIRECTION = 1e-14

/**
 * Directional movement: +DI and −DI, and ADX, which comes `period` − 1 bars later. A movement counts up when the high
 * has risen further than the low has fallen, down when the low has fallen further; a tie counts as neither.
 */
export const adx: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['plus_di', 'minus_di', 'adx'],
  create({ period }): Indicator<State> {
    return {
      depth: { closes: 1, bars: 1 },
      start: () => ({ bars: 0, up: 0, down: 0, range: 0, index: { bars: 0, value: 0 } }),
      next(state, { bar, series, values }, at) {
        if (state.bars === 0) {
          state.bars = 1
          return
        }
        const rise = bar.high - ago(series, 'highs', 1)
        const fall = ago(series, 'lows', 1) - bar.low
        // Sums over a period that forget as an average does; the first has a bar less.
        const keep = state.bars < period ? 1 : 1 - 1 / period
        state.up = state.up * keep + (rise > 0 && rise > fall ? rise : 0)
        state.down = state.down * keep + (fall > 0 && fall > rise ? fall : 0)
        state.range = state.range * keep + trueRange(bar, ago(series, 'closes', 1))
        if (state.bars < period) {
          state.bars++
          return
        }
        const { index } = state
        const plus = state.range < NO_RANGE ? 0 : 100 * (state.up / state.range)
        const minus = state.range < NO_RANGE ? 0 : 100 * (state.down / state.range)
        values[at] = plus
        values[at + 1] = minus
        if (plus + minus >= NO_DIRECTION)
          smoothWilder(index, 100 * (Math.abs(plus - minus) / (plus + minus)), period)
        else if (index.bars < period) smoothWilder(index, 0, period)
        if (index.bars === period) values[at + 2] = index.value
      },
    }
  },
}

import { ago } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'

type State = { bars: number; sum: number }

/** Simple moving average of the close. The sum is of whole units and does not drift. */
export const sma: IndicatorKind<'period'> = {
  parameters: { period: PERIOD },
  outputs: ['sma'],
  create({ period }): Indicator<State> {
    return {
      depth: { closes: period },
      start: () => ({ bars: 0, sum: 0 }),
      next(state, { bar, series, values }, at) {
        state.sum += bar.close
        if (state.bars === period) state.sum -= ago(series, 'closes', period)
        else state.bars++
        if (state.bars === period) values[at] = price(state.sum / period)
      },
    }
  },
}

import { ago } from '../series.ts'
import { type Indicator, type IndicatorKind, price } from './indicator.ts'

type State = { bars: number; volume: number }

/** On-balance volume: the volume of bars that closed higher less that of bars that closed lower; the first counts. */
export const obv: IndicatorKind<never> = {
  parameters: {},
  outputs: ['obv'],
  create(): Indicator<State> {
    return {
      depth: { closes: 1 },
      start: () => ({ bars: 0, volume: 0 }),
      next(state, { bar, series, values }, at) {
        const change = state.bars === 0 ? 1 : bar.close - ago(series, 'closes', 1)
        state.bars = 1
        if (change > 0) state.volume += bar.volume
        else if (change < 0) state.volume -= bar.volume
        values[at] = price(state.volume)
      },
    }
  },
}

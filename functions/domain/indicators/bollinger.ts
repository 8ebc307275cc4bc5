import { valueAt } from '../series.ts'
import { type Indicator, type IndicatorKind, PERIOD, price } from './indicator.ts'

/** Σ and Σ² of the last closes, each less `anchor`, which keeps the squares small. */
type State = [bars: number, turns: number, anchor: number, sum: number, squares: number]
const BARS = 0
const TURNS = 1
const ANCHOR = 2
const SUM = 3
const SQUARES = 4

/**
 * Bollinger bands: the mean of the last closes, and so many standard deviations (of the whole population) above and
 * below. The sums are made anew once in each period, so that no rounding builds up.
 */
export const bollinger: IndicatorKind<'period' | 'deviations'> = {
  parameters: { period: PERIOD, deviations: { min: 0.1, max: 10, kind: 'any' } },
  outputs: ['bollinger_upper', 'bollinger_middle', 'bollinger_lower'],
  create({ period, deviations }): Indicator<State> {
    return {
      depth: { closes: period },
      fadesAfter: 2 * period,
      size: 5,
      take(state, { from, to, series: { closes }, values, stride }, at) {
        let bars = state[BARS]
        let turns = state[TURNS]
        let anchor = state[ANCHOR]
        let sum = state[SUM]
        let squares = state[SQUARES]
        for (let bar = from, place = at; bar < to; bar++, place++) {
          const close = valueAt(closes, bar)
          const isFull = bars === period
          if (!isFull) bars++
          if (turns === 0) {
            anchor = close
            sum = 0
            squares = 0
            for (let each = bar; each > bar - bars; each--) {
              const difference = valueAt(closes, each) - anchor
              sum += difference
              squares += difference * difference
            }
          } else {
            const added = close - anchor
            sum += added
            squares += added * added
            const removed = isFull ? valueAt(closes, bar - period) - anchor : 0
            sum -= removed
            squares -= removed * removed
          }
          turns = turns + 1 === period ? 0 : turns + 1
          if (bars < period) continue
          const mean = sum / period
          const variance = squares / period - mean * mean
          const width = variance > 0 ? price(deviations * Math.sqrt(variance)) : 0
          const middle = price(anchor + mean)
          values[place] = middle + width
          values[place + stride] = middle
          values[place + 2 * stride] = middle - width
        }
        state[BARS] = bars
        state[TURNS] = turns
        state[ANCHOR] = anchor
        state[SUM] = sum
        state[SQUARES] = squares
      },
    }
  },
}

import { ago, type Series, zeros } from '../series.ts'
import { type Indicator, type IndicatorKind, LONGEST, PERIOD, price } from './indicator.ts'

type State = {
  bars: number
  /** How many bars ago the highest high and the lowest low of the window were. */
  highAgo: number
  lowAgo: number
  raw: Mean
  k: Mean
}

/**
 * The last values, in a ring, and their sum less the oldest. TA-Lib carries that sum on too, so that what is 0 may come
 * out as ±10⁻¹³.
 */
type Mean = { taken: number; values: number[]; sum: number }

const SMOOTHING = { min: 1, max: LONGEST, kind: 'whole' } as const

/**
 * Slow stochastic: where the close lies between the lowest low and the highest high, %K its mean over `k` bars, and %D
 * the mean of %K over `d` bars. 0 in a window without any range. Nothing is given before %D has a value.
 */
export const stochastic: IndicatorKind<'period' | 'k' | 'd'> = {
  parameters: { period: PERIOD, k: SMOOTHING, d: SMOOTHING },
  outputs: ['stochastic_k', 'stochastic_d'],
  create({ period, k, d }): Indicator<State> {
    return {
      depth: { bars: period },
      start: () => ({
        bars: 0,
        highAgo: 0,
        lowAgo: 0,
        raw: startMean(k),
        k: startMean(d),
      }),
      next(state, { bar, series, values }, at) {
        moveWindow(state, series, period)
        if (state.bars < period) return
        const lowest = ago(series, 'lows', state.lowAgo)
        const range = ago(series, 'highs', state.highAgo) - lowest
        const raw = range === 0 ? 0 : price(bar.close - lowest) / (price(range) / 100)
        const slow = meanOf(state.raw, raw)
        const slower = Number.isNaN(slow) ? slow : meanOf(state.k, slow)
        if (Number.isNaN(slower)) return
        values[at] = slow
        values[at + 1] = slower
      },
    }
  },
}

/** Looks through the window only when an extreme has left it: seldom, since the newest such bar was remembered. */
function moveWindow(state: State, series: Series, period: number): void {
  const isFirst = state.bars === 0
  if (state.bars < period) state.bars++
  const { bars } = state
  state.highAgo++
  state.lowAgo++
  if (isFirst || ago(series, 'highs', 0) >= ago(series, 'highs', state.highAgo)) state.highAgo = 0
  else if (state.highAgo === bars) {
    state.highAgo = 0
    for (let each = 1; each < bars; each++)
      if (ago(series, 'highs', each) > ago(series, 'highs', state.highAgo)) state.highAgo = each
  }
  if (isFirst || ago(series, 'lows', 0) <= ago(series, 'lows', state.lowAgo)) state.lowAgo = 0
  else if (state.lowAgo === bars) {
    state.lowAgo = 0
    for (let each = 1; each < bars; each++)
      if (ago(series, 'lows', each) < ago(series, 'lows', state.lowAgo)) state.lowAgo = each
  }
}

function startMean(length: number): Mean {
  return { taken: 0, values: zeros(length), sum: 0 }
}

/** Takes a value into a mean, in place; not a number until there are enough. */
function meanOf(mean: Mean, value: number): number {
  const { values, taken } = mean
  const { length } = values
  values[taken % length] = value
  mean.taken = taken + 1 === 2 * length ? length : taken + 1
  mean.sum += value
  if (mean.taken < length) return Number.NaN
  const result = mean.sum / length
  mean.sum -= values[mean.taken % length] ?? 0
  return result
}

import { valueAt } from '../series.ts'
import {
  type Indicator,
  type IndicatorKind,
  type IndicatorState,
  LONGEST,
  PERIOD,
  price,
} from './indicator.ts'

/**
 * How many bars there were, up to the period; how many bars ago the highest high and the lowest low were; then two
 * means, of the raw values and of %K.
 *
 * A mean is: how many values it took, the place of the next in the ring, the sum of the ring less its oldest value, and
 * the ring. TA-Lib carries that sum on too, so that what is 0 may come out as ±10⁻¹³.
 */
type State = [bars: number, highAgo: number, lowAgo: number, ...means: number[]]
const BARS = 0
const HIGH_AGO = 1
const LOW_AGO = 2
const RAW = 3
/** Numbers of a mean before its ring. */
const RING = 3

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
      fadesAfter: period + k + d,
      size: RAW + 2 * RING + k + d,
      take(state, { from, to, series: { closes, highs, lows }, values, stride }, at) {
        let bars = state[BARS]
        let highest = from - 1 - state[HIGH_AGO]
        let lowest = from - 1 - state[LOW_AGO]
        for (let bar = from, place = at; bar < to; bar++, place++) {
          if (bars === 0) {
            highest = bar
            lowest = bar
          }
          if (bars < period) bars++
          // Looks through the window only when an extreme has left it: seldom, since the newest such bar is remembered.
          if (valueAt(highs, bar) >= valueAt(highs, highest)) highest = bar
          else if (bar - highest === bars) highest = placeOfHighest(highs, bar, bars)
          if (valueAt(lows, bar) <= valueAt(lows, lowest)) lowest = bar
          else if (bar - lowest === bars) lowest = placeOfLowest(lows, bar, bars)
          if (bars < period) continue
          const low = valueAt(lows, lowest)
          const range = valueAt(highs, highest) - low
          const raw = range === 0 ? 0 : price(valueAt(closes, bar) - low) / (price(range) / 100)
          const slow = meanOf(state, RAW, raw, k)
          const slower = Number.isNaN(slow) ? slow : meanOf(state, RAW + RING + k, slow, d)
          if (Number.isNaN(slower)) continue
          values[place] = slow
          values[place + stride] = slower
        }
        state[BARS] = bars
        state[HIGH_AGO] = to - 1 - highest
        state[LOW_AGO] = to - 1 - lowest
      },
    }
  },
}

/** The newest of so many bars up to `newest` that has the highest high. */
function placeOfHighest(highs: readonly number[], newest: number, bars: number): number {
  let place = newest
  for (let bar = newest - 1; bar > newest - bars; bar--)
    if (valueAt(highs, bar) > valueAt(highs, place)) place = bar
  return place
}

/** The newest of so many bars up to `newest` that has the lowest low. */
function placeOfLowest(lows: readonly number[], newest: number, bars: number): number {
  let place = newest
  for (let bar = newest - 1; bar > newest - bars; bar--)
    if (valueAt(lows, bar) < valueAt(lows, place)) place = bar
  return place
}

/** Takes a value into the mean that lies at `place`; not a number until there are enough. */
function meanOf(state: IndicatorState, place: number, value: number, length: number): number {
  const taken = state[place] ?? 0
  const next = state[place + 1] ?? 0
  const after = next + 1 === length ? 0 : next + 1
  const sum = (state[place + 2] ?? 0) + value
  state[place + RING + next] = value
  state[place + 1] = after
  if (taken < length - 1) {
    state[place] = taken + 1
    state[place + 2] = sum
    return Number.NaN
  }
  state[place + 2] = sum - (state[place + RING + after] ?? 0)
  return sum / length
}

import { highAgo, lowAgo, type Series } from '../series.ts'
import {
  type Frame,
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
      next(state, frame, at) {
        const { bar, series, values } = frame
        moveWindow(state, frame, period)
        if (state[BARS] < period) return
        const lowest = lowAgo(series, state[LOW_AGO])
        const range = highAgo(series, state[HIGH_AGO]) - lowest
        const raw = range === 0 ? 0 : price(bar.close - lowest) / (price(range) / 100)
        const slow = meanOf(state, RAW, raw, k)
        const slower = Number.isNaN(slow) ? slow : meanOf(state, RAW + RING + k, slow, d)
        if (Number.isNaN(slower)) return
        values[at] = slow
        values[at + 1] = slower
      },
    }
  },
}

/** Looks through the window only when an extreme has left it: seldom, since the newest such bar was remembered. */
function moveWindow(state: State, { bar, series }: Frame, period: number): void {
  if (state[BARS] === 0) {
    state[BARS] = 1
    return
  }
  const bars = Math.min(state[BARS] + 1, period)
  const high = state[HIGH_AGO] + 1
  const low = state[LOW_AGO] + 1
  state[BARS] = bars
  if (bar.high >= highAgo(series, high)) state[HIGH_AGO] = 0
  else state[HIGH_AGO] = high === bars ? placeOfHighest(series, bars) : high
  if (bar.low <= lowAgo(series, low)) state[LOW_AGO] = 0
  else state[LOW_AGO] = low === bars ? placeOfLowest(series, bars) : low
}

function placeOfHighest({ highs, count }: Series, bars: number): number {
  const mask = highs.length - 1
  let place = 0
  let highest = highs[(count - 1) & mask] ?? Number.NaN
  for (let each = 1; each < bars; each++) {
    const high = highs[(count - 1 - each) & mask] ?? Number.NaN
    if (high <= highest) continue
    highest = high
    place = each
  }
  return place
}

function placeOfLowest({ lows, count }: Series, bars: number): number {
  const mask = lows.length - 1
  let place = 0
  let lowest = lows[(count - 1) & mask] ?? Number.NaN
  for (let each = 1; each < bars; each++) {
    const low = lows[(count - 1 - each) & mask] ?? Number.NaN
    if (low >= lowest) continue
    lowest = low
    place = each
  }
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

import type { IndicatorState } from './indicator.ts'

/** A price that has moved by less has not moved: 10⁻¹⁴, as in TA-Lib 0.6, in units of 10⁻⁸. */
export const NO_MOVE = 1e-6

/**
 * Takes a value into Wilder's average, in place: the mean of the first values, then
 * (average · (period − 1) + value) / period. At `place` lies how many were taken, and behind it their sum until there
 * are `period`, the average from then on.
 *
 * @returns true when there is an average
 */
export function smoothWilder(state: IndicatorState, place: number, value: number, period: number): boolean {
  const taken = state[place] ?? 0
  const average = state[place + 1] ?? 0
  if (taken === period) {
    state[place + 1] = (average * (period - 1) + value) / period
    return true
  }
  state[place] = taken + 1
  state[place + 1] = taken + 1 < period ? average + value : (average + value) / period
  return taken + 1 === period
}

/** The true range of a bar: its range, stretched to the close before it. */
export function trueRange(bar: { readonly high: number; readonly low: number }, closeBefore: number): number {
  return Math.max(bar.high, closeBefore) - Math.min(bar.low, closeBefore)
}

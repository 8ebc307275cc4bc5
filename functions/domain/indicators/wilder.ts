/** `value` is the sum of what was taken until there are `period` values, the average from then on. */
export type WilderState = { bars: number; value: number }

/**
 * Takes a value into Wilder's average, in place: the mean of the first values, then
 * (average · (period − 1) + value) / period. True when there is an average.
 */
export function smoothWilder(state: WilderState, value: number, period: number): boolean {
  if (state.bars === period) {
    state.value = (state.value * (period - 1) + value) / period
    return true
  }
  state.bars++
  state.value += value
  if (state.bars < period) return false
  state.value /= period
  return true
}

/** The true range of a bar: its range, stretched to the close before it. */
export function trueRange(bar: { readonly high: number; readonly low: number }, closeBefore: number): number {
  return Math.max(bar.high, closeBefore) - Math.min(bar.low, closeBefore)
}

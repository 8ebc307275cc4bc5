/** A price that has moved by less has not moved: 10⁻¹⁴, as in TA-Lib 0.6, in units of 10⁻⁸. */
export const NO_MOVE = 1e-6

/**
 * Wilder's average after one more value: the mean of the first `period`, then (average · (period − 1) + value) / period.
 *
 * @param average their sum, while fewer than `period` values were taken
 * @param taken how many values were taken before, up to `period`
 */
export function smoothWilder(average: number, taken: number, value: number, period: number): number {
  if (taken === period) return (average * (period - 1) + value) / period
  return taken + 1 < period ? average + value : (average + value) / period
}

/** The true range of a bar: its range, stretched to the close before it. */
export function trueRange(high: number, low: number, closeBefore: number): number {
  return Math.max(high, closeBefore) - Math.min(low, closeBefore)
}

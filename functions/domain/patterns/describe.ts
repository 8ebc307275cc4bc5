import { ONE } from '../series.ts'
import { keptCandles, type KeptCandle } from './candle.ts'
import type { Detected } from './pattern.ts'

/** Why a pattern was found: its candles, the means they were compared to, and the margin of each condition. */
export type PatternData = {
  /** Oldest first; prices and means as they are, not in units. */
  readonly candles: readonly DescribedCandle[]
  readonly margins: Readonly<Record<string, number>>
}

export type DescribedCandle = Readonly<
  Record<'open' | 'high' | 'low' | 'close' | 'body' | 'upper_shadow' | 'lower_shadow', number>
> & {
  /** Unix seconds. */
  readonly start: number
  /** Mean body and range of the ten candles before; none where there were not ten. */
  readonly mean_body_before?: number
  readonly mean_range_before?: number
  /** Mean range of the five candles before, which `near` and `far` are parts of; none where there were not ten. */
  readonly mean_range_before_5?: number
}

/** Describes a pattern that was found. */
export function describePattern({ pattern, conditions, margins, candles }: Detected): PatternData {
  const averaged = pattern.bars - pattern.candles >= 10
  return {
    candles: keptCandles(candles)
      .map((candle) => ({ ...measures(candle), ...(averaged && means(candle)) }))
      .toReversed(),
    margins: Object.fromEntries(conditions.map((name, index) => [name, round(margins[index] ?? 0)])),
  }
}

/** A share of one, to four decimals. */
export function round(share: number): number {
  return Math.round(share * 10_000) / 10_000
}

function measures({ start, open, high, low, close }: KeptCandle) {
  const top = Math.max(open, close)
  const bottom = Math.min(open, close)
  return {
    start,
    open: open / ONE,
    high: high / ONE,
    low: low / ONE,
    close: close / ONE,
    body: (top - bottom) / ONE,
    upper_shadow: (high - top) / ONE,
    lower_shadow: (bottom - low) / ONE,
  }
}

function means({ bodies10, ranges10, ranges5 }: KeptCandle) {
  return {
    mean_body_before: bodies10 / 10 / ONE,
    mean_range_before: ranges10 / 10 / ONE,
    mean_range_before_5: ranges5 / 5 / ONE,
  }
}

import type { Candle } from './candle.ts'

/** A doji has no direction (`neutral`); TA-Lib gives it a positive sign. */
type Direction = 'bullish' | 'bearish' | 'neutral'

/**
 * How far past its threshold a condition is met: 0 on it, towards 1 far past it. Negative: not met. A ratio of whole
 * numbers, compared exactly before it is divided.
 */
export type Margin = number

/** What has to hold: of the newest candle, and of those before it, as many as it names. */
export type Condition = (newest: Candle, before: Candle, third: Candle, fourth: Candle) => Margin

/** What has to hold of an older candle alone; 1 is the one before the newest. */
type OlderCondition = { readonly ago: 1 | 2; readonly holds: (candle: Candle) => Margin }

/** What has to hold, all of it, by name. */
export type Conditions = Readonly<Record<string, Condition | OlderCondition>>

/** What has to hold of the candle before the newest. */
export function ofBefore(holds: OlderCondition['holds']): OlderCondition {
  return { ago: 1, holds }
}

/** What has to hold of the third candle, counted from the newest. */
export function ofThird(holds: OlderCondition['holds']): OlderCondition {
  return { ago: 2, holds }
}

/** One form of a pattern. */
export type Form = {
  readonly direction: Direction
  /** The colours it needs, newest first; left out where any will do. */
  readonly colors?: readonly ('white' | 'black' | 'any')[]
  readonly conditions: Conditions
  /** TA-Lib's own: 100, or 80 where one end of two bodies only touches. */
  strength(newest: Candle, before: Candle): 80 | 100
}

/** A candlestick pattern, as the table lists it. */
export type Pattern = {
  readonly name: string
  /** TA-Lib's function. */
  readonly source: string
  /** Candles that form it. */
  readonly candles: 1 | 2 | 3 | 4
  /** Bars it needs before it can be found, those of its averages included. */
  readonly bars: number
  readonly forms: readonly Form[]
}

/** A pattern in the newest candle. */
export type Detected = {
  readonly pattern: Pattern
  readonly direction: Direction
  readonly strength: 80 | 100
  /** Mean of the margins. */
  readonly confidence: number
  /** Of its conditions, in the order of their names. */
  readonly margins: readonly Margin[]
  readonly conditions: readonly string[]
  /** Those that form it, as `keepCandles` keeps them. */
  readonly candles: readonly number[]
}

/** For patterns that have no weaker form. */
export function full(): 100 {
  return 100
}

/** 80 where an end of the body only reaches that of the body before. */
export function strengthOfTwo(candle: Candle, before: Candle): 80 | 100 {
  return candle.top === before.top || candle.bottom === before.bottom ? 80 : 100
}

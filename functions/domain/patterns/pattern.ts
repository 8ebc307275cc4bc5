import type { Candles } from './candle.ts'

/** A doji has no direction (`neutral`); TA-Lib gives it a positive sign. */
type Direction = 'bullish' | 'bearish' | 'neutral'

/**
 * How far past its threshold a condition is met: 0 on it, towards 1 far past it. Negative: not met. A ratio of whole
 * numbers, compared exactly before it is divided.
 */
export type Margin = number

/** What has to hold, all of it, by name. */
export type Conditions = Readonly<Record<string, (candles: Candles) => Margin>>

/** One form of a pattern. */
type Form = {
  readonly direction: Direction
  /** The colours it needs, newest first; left out where any will do. */
  readonly colors?: readonly ('white' | 'black' | 'any')[]
  readonly conditions: Conditions
  /** TA-Lib's own: 100, or 80 where one end of two bodies only touches. */
  strength(candles: Candles): 80 | 100
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
  readonly margins: Readonly<Record<string, Margin>>
}

/** Finds a pattern in the newest candle; undefined when a condition is not met. */
export function detect(pattern: Pattern, candles: Candles): Detected | undefined {
  for (const form of pattern.forms) {
    const margins = hasColors(form, candles) ? marginsOf(form, candles) : undefined
    if (margins === undefined) continue
    return {
      pattern,
      direction: form.direction,
      strength: form.strength(candles),
      confidence: meanOf(margins),
      margins,
    }
  }
  return undefined
}

function hasColors({ colors = [] }: Form, candles: Candles): boolean {
  for (let ago = 0; ago < colors.length; ago++)
    if (colors[ago] !== 'any' && (colors[ago] === 'white') !== candles[ago]?.isWhite) return false
  return true
}

/** Of each condition; undefined as soon as one is not met. */
function marginsOf({ conditions }: Form, candles: Candles): Record<string, Margin> | undefined {
  const margins: Record<string, Margin> = {}
  for (const name in conditions) {
    const margin = conditions[name]?.(candles)
    if (margin === undefined || margin < 0) return undefined
    margins[name] = margin
  }
  return margins
}

function meanOf(margins: Readonly<Record<string, Margin>>): number {
  const all = Object.values(margins)
  return all.reduce((sum, margin) => sum + margin, 0) / all.length
}

/** For patterns that have no weaker form. */
export function full(): 100 {
  return 100
}

/** 80 where an end of the body only reaches that of the body before. */
export function strengthOfTwo([candle, before]: Candles): 80 | 100 {
  return candle.top === before.top || candle.bottom === before.bottom ? 80 : 100
}

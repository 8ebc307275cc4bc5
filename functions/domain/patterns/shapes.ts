import type { Candle } from './candle.ts'
import {
  dojiBody,
  hardlyLowerShadow,
  hardlyUpperShadow,
  longBody,
  longLowerShadow,
  longUpperShadow,
  noLongBody,
  shortBody,
} from './margins.ts'
import type { Condition } from './pattern.ts'

/** Bits of a candle: that it is white, the lowest, and one for each shape. */
export const SHAPE_BITS = 9

/** In the order of their bits. */
export const SHAPES: readonly Condition[] = [
  shortBody,
  noLongBody,
  longBody,
  dojiBody,
  longUpperShadow,
  longLowerShadow,
  hardlyUpperShadow,
  hardlyLowerShadow,
]

/** The bit of a shape; 0 of a condition that is none. */
export function bitOf(condition: Condition): number {
  const place = SHAPES.indexOf(condition)
  return place < 0 ? 0 : 2 << place
}

/**
 * The bits of a candle; one that closes where it opened is white, as in TA-Lib. Each shape is called by its name, not in a
 * loop, so that the engine merges them all.
 */
export function bitsOf(candle: Candle): number {
  return (
    Number(candle.close >= candle.open) |
    (Number(shortBody(candle) >= 0) << 1) |
    (Number(noLongBody(candle) >= 0) << 2) |
    (Number(longBody(candle) >= 0) << 3) |
    (Number(dojiBody(candle) >= 0) << 4) |
    (Number(longUpperShadow(candle) >= 0) << 5) |
    (Number(longLowerShadow(candle) >= 0) << 6) |
    (Number(hardlyUpperShadow(candle) >= 0) << 7) |
    (Number(hardlyLowerShadow(candle) >= 0) << 8)
  )
}

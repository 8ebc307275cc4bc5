import type { Candle } from './candle.ts'
import type { Margin } from './pattern.ts'

const NOT_MET: Margin = -1

/** Two sizes, neither negative: the first is less than the second. 1 − first/second. */
function below(size: number, bound: number): Margin {
  return size < bound ? 1 - size / bound : NOT_MET
}

/** Two sizes, neither negative: the first is not more than the second. */
function atMost(size: number, bound: number): Margin {
  if (size === bound) return 0
  return below(size, bound)
}

/** Two sizes, neither negative: the first is more than the second. */
export function above(size: number, bound: number): Margin {
  return below(bound, size)
}

/** A distance past a price is more than nothing. distance/(distance + unit): 1/2 where it is as large as the unit. */
export function past(distance: number, unit: number): Margin {
  return distance > 0 ? distance / (distance + unit) : NOT_MET
}

/** A distance past a price is not negative. */
export function notShortOf(distance: number, unit: number): Margin {
  return distance === 0 ? 0 : past(distance, unit)
}

/** The body is shorter than the mean of the ten before. */
export function shortBody({ body, bodies10 }: Candle): Margin {
  return below(10 * body, bodies10)
}

/** The body is not longer than the mean of the ten before. */
export function noLongBody({ body, bodies10 }: Candle): Margin {
  return atMost(10 * body, bodies10)
}

/** The body is longer than the mean of the ten before. */
export function longBody({ body, bodies10 }: Candle): Margin {
  return above(10 * body, bodies10)
}

/** The body is not longer than a tenth of the mean range of the ten before. */
export function dojiBody({ body, ranges10 }: Candle): Margin {
  return atMost(100 * body, ranges10)
}

/**
 * Always met: the range beside the mean of the ten before, range/(range + mean). A doji that hardly moved says less
 * than one that went far and came back.
 */
export function rangeShare({ high, low, ranges10 }: Candle): Margin {
  const range = 10 * (high - low)
  return range === 0 ? 0 : range / (range + ranges10)
}

/** The upper shadow is longer than the body. */
export function longUpperShadow({ high, top, body }: Candle): Margin {
  return above(high - top, body)
}

/** The lower shadow is longer than the body. */
export function longLowerShadow({ low, bottom, body }: Candle): Margin {
  return above(bottom - low, body)
}

/** The upper shadow is shorter than a tenth of the mean range of the ten before. */
export function hardlyUpperShadow({ high, top, ranges10 }: Candle): Margin {
  return below(100 * (high - top), ranges10)
}

/** The lower shadow is shorter than a tenth of the mean range of the ten before. */
export function hardlyLowerShadow({ low, bottom, ranges10 }: Candle): Margin {
  return below(100 * (bottom - low), ranges10)
}

/** A distance is not more than what counts as near at that candle: a fifth of the mean range of the five before. */
export function near(distance: number, { ranges5 }: Candle): Margin {
  return notShortOf(ranges5 - 25 * distance, ranges5)
}

/** The body is not far shorter than that of a candle: by less than 0.6 of the mean range of the five before it. */
export function notFarShorter({ body }: Candle, before: Candle): Margin {
  return past(25 * (body - before.body) + 3 * before.ranges5, 3 * before.ranges5)
}

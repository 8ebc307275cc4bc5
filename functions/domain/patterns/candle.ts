import { closeAgo, highAgo, lowAgo, openAgo, startAgo, type Series, zeros } from '../series.ts'

/**
 * A bar with the measures of candlestick patterns, in units of 10⁻⁸: whole numbers, so that sums are exact. Measured once a
 * bar, in place, for all patterns.
 */
export type Candle = {
  /** Unix seconds of the minute's start. */
  start: number
  open: number
  high: number
  low: number
  close: number
  /** A candle that closes where it opened is white, as in TA-Lib. */
  isWhite: boolean
  /** The higher of open and close. */
  top: number
  /** The lower of open and close. */
  bottom: number
  body: number
  /** Σ body of the ten candles before this one. */
  bodies10: number
  /** Σ range of the ten candles before this one. */
  ranges10: number
  /** Σ range of the five candles before this one. */
  ranges5: number
}

/** The newest candles. Where a series has too few bars for one, that one is not to be used. */
export type Candles = {
  readonly newest: Candle
  readonly before: Candle
  readonly third: Candle
  readonly fourth: Candle
  /** A bit for each that is white, the lowest for the newest. */
  whites: number
  /** Bodies and ranges of the last bars, newest first. */
  readonly bodies: number[]
  readonly ranges: number[]
}

/** How many bars back the averages of the oldest of these candles reach. */
export const CANDLES_DEPTH = { bars: 13, closes: 13 }

/** Bars whose bodies and ranges the four candles and their means are made of. */
const MEASURED = CANDLES_DEPTH.bars + 1

/** Candles to be measured. */
export function startCandles(): Candles {
  return {
    newest: startCandle(),
    before: startCandle(),
    third: startCandle(),
    fourth: startCandle(),
    whites: 0,
    bodies: zeros(MEASURED),
    ranges: zeros(MEASURED),
  }
}

function startCandle(): Candle {
  // Fractions, so that the engine keeps each as a bare double from the start.
  const prices = { open: 0.5, high: 0.5, low: 0.5, close: 0.5 }
  const measures = { isWhite: true, top: 0.5, bottom: 0.5, body: 0.5 }
  return { start: 0.5, ...prices, ...measures, bodies10: 0.5, ranges10: 0.5, ranges5: 0.5 }
}

/** Measures the newest candles of a series. */
export function measureCandles(candles: Candles, series: Series): void {
  const { newest, before, third, fourth, bodies, ranges } = candles
  for (let bars = 0; bars < MEASURED; bars++) {
    bodies[bars] = Math.abs(closeAgo(series, bars) - openAgo(series, bars))
    ranges[bars] = highAgo(series, bars) - lowAgo(series, bars)
  }
  newest.bodies10 = 0
  newest.ranges10 = 0
  newest.ranges5 = 0
  for (let bars = 1; bars <= 10; bars++) {
    newest.bodies10 += bodies[bars] ?? 0
    newest.ranges10 += ranges[bars] ?? 0
    if (bars === 5) newest.ranges5 = newest.ranges10
  }
  setMeans(before, newest, 1, candles)
  setMeans(third, before, 2, candles)
  setMeans(fourth, third, 3, candles)
  candles.whites =
    measure(newest, series, 0) +
    2 * measure(before, series, 1) +
    4 * measure(third, series, 2) +
    8 * measure(fourth, series, 3)
}

/** The sums of a candle lack the bar that those of the candle after it begin with, and have an older one. */
function setMeans(candle: Candle, after: Candle, bars: number, { bodies, ranges }: Candles): void {
  const range = ranges[bars] ?? 0
  candle.bodies10 = after.bodies10 + ((bodies[bars + 10] ?? 0) - (bodies[bars] ?? 0))
  candle.ranges10 = after.ranges10 + ((ranges[bars + 10] ?? 0) - range)
  candle.ranges5 = after.ranges5 + ((ranges[bars + 5] ?? 0) - range)
}

/** @returns 1 when it is white */
function measure(candle: Candle, series: Series, bars: number): 0 | 1 {
  const open = openAgo(series, bars)
  const close = closeAgo(series, bars)
  const isWhite = close >= open
  candle.start = startAgo(series, bars)
  candle.open = open
  candle.high = highAgo(series, bars)
  candle.low = lowAgo(series, bars)
  candle.close = close
  candle.isWhite = isWhite
  candle.top = isWhite ? close : open
  candle.bottom = isWhite ? open : close
  candle.body = candle.top - candle.bottom
  return isWhite ? 1 : 0
}

/** So many candles, newest first, that are not measured again. */
export function copyCandles({ newest, before, third, fourth }: Candles, count: number): Candle[] {
  const copies = [copyOf(newest)]
  if (count > 1) copies.push(copyOf(before))
  if (count > 2) copies.push(copyOf(third))
  if (count > 3) copies.push(copyOf(fourth))
  return copies
}

/** Takes a tenth of the time of a spread. */
function copyOf(candle: Candle): Candle {
  return {
    start: candle.start,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    isWhite: candle.isWhite,
    top: candle.top,
    bottom: candle.bottom,
    body: candle.body,
    bodies10: candle.bodies10,
    ranges10: candle.ranges10,
    ranges5: candle.ranges5,
  }
}

import { type Series, valueAt, zeros } from '../series.ts'

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

/** Candles in a row, up to the newest. Where a series has too few bars for one, that one is not to be used. */
export type Candles = {
  newest: Candle
  before: Candle
  third: Candle
  fourth: Candle
  /** Of the bars that the means are of, as in a series. */
  readonly bodies: number[]
  readonly ranges: number[]
}

/** How many bars back the means of the oldest of these candles reach. */
export const CANDLES_DEPTH = { bars: 13, closes: 13 }

/** Candles before the newest. */
export const OLDER = 3

/** Candles to be measured. @param bars most bars that are measured at once, a power of two */
export function startCandles(bars: number): Candles {
  return {
    newest: startCandle(),
    before: startCandle(),
    third: startCandle(),
    fourth: startCandle(),
    bodies: zeros(bars),
    ranges: zeros(bars),
  }
}

function startCandle(): Candle {
  // Fractions, so that the engine keeps each as a bare double from the start.
  const prices = { open: 0.5, high: 0.5, low: 0.5, close: 0.5 }
  const measures = { top: 0.5, bottom: 0.5, body: 0.5 }
  return { start: 0.5, ...prices, ...measures, bodies10: 0.5, ranges10: 0.5, ranges5: 0.5 }
}

/** Measures what the means of candles `from` to `to` are made of; `to` is not among them. */
export function measureBars({ bodies, ranges }: Candles, series: Series, from: number, to: number): void {
  const { opens, highs, lows, closes } = series
  const mask = bodies.length - 1
  for (let bar = from - 10; bar < to; bar++) {
    bodies[bar & mask] = Math.abs(valueAt(closes, bar) - valueAt(opens, bar))
    ranges[bar & mask] = valueAt(highs, bar) - valueAt(lows, bar)
  }
}

/** Makes a bar the newest candle, and forgets the fourth. */
export function measureNext(candles: Candles, series: Series, bar: number): void {
  const candle = candles.fourth
  candles.fourth = candles.third
  candles.third = candles.before
  candles.before = candles.newest
  candles.newest = candle
  const open = valueAt(series.opens, bar)
  const close = valueAt(series.closes, bar)
  candle.start = valueAt(series.starts, bar)
  candle.open = open
  candle.high = valueAt(series.highs, bar)
  candle.low = valueAt(series.lows, bar)
  candle.close = close
  candle.top = Math.max(open, close)
  candle.bottom = Math.min(open, close)
  candle.body = candle.top - candle.bottom
  setMeans(candle, candles, bar)
}

/** Sums anew for each candle, as they have to be the same wherever the bars begin, also where a sum is rounded. */
function setMeans(candle: Candle, { bodies, ranges }: Candles, bar: number): void {
  let body = 0
  let range = 0
  for (let ago = 1; ago <= 5; ago++) {
    body += valueAt(bodies, bar - ago)
    range += valueAt(ranges, bar - ago)
  }
  candle.ranges5 = range
  for (let ago = 6; ago <= 10; ago++) {
    body += valueAt(bodies, bar - ago)
    range += valueAt(ranges, bar - ago)
  }
  candle.bodies10 = body
  candle.ranges10 = range
}

/** What is kept of a candle: the rest follows from it. */
export type KeptCandle = Pick<
  Candle,
  'start' | 'open' | 'high' | 'low' | 'close' | 'bodies10' | 'ranges10' | 'ranges5'
>
const KEPT = 8

/** So many candles, newest first, as bare numbers: objects would take four times the memory, and of the time. */
export function keepCandles({ newest, before, third, fourth }: Candles, count: number): number[] {
  const kept = zeros(count * KEPT)
  keep(newest, kept, 0)
  if (count > 1) keep(before, kept, KEPT)
  if (count > 2) keep(third, kept, 2 * KEPT)
  if (count > 3) keep(fourth, kept, 3 * KEPT)
  return kept
}

function keep(candle: Candle, kept: number[], at: number): void {
  kept[at] = candle.start
  kept[at + 1] = candle.open
  kept[at + 2] = candle.high
  kept[at + 3] = candle.low
  kept[at + 4] = candle.close
  kept[at + 5] = candle.bodies10
  kept[at + 6] = candle.ranges10
  kept[at + 7] = candle.ranges5
}

/** The candles that were kept, newest first. */
export function keptCandles(kept: readonly number[]): KeptCandle[] {
  return Array.from({ length: kept.length / KEPT }, (_, place) => {
    const [start = 0, open = 0, high = 0, low = 0, close = 0, bodies10 = 0, ranges10 = 0, ranges5 = 0] =
      kept.slice(place * KEPT)
    return { start, open, high, low, close, bodies10, ranges10, ranges5 }
  })
}

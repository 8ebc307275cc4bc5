import { ago, type Series } from '../series.ts'

/** A bar with what candlestick patterns ask of it, in units of 10⁻⁸: whole numbers, so that sums are exact. */
export type Candle = {
  /** Unix seconds of the minute's start. */
  readonly start: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** A candle that closes where it opened is white, as in TA-Lib. */
  readonly isWhite: boolean
  /** The higher of open and close. */
  readonly top: number
  /** The lower of open and close. */
  readonly bottom: number
  readonly body: number
  /** Σ body of the ten candles before this one. */
  readonly bodies10: number
  /** Σ range of the ten candles before this one. */
  readonly ranges10: number
  /** Σ range of the five candles before this one. */
  readonly ranges5: number
}

/** The newest candle, the one before it, and so on. */
export type Candles = readonly [Candle, Candle, Candle, Candle]

/** How many bars back the oldest candle's averages reach. */
export const CANDLES_DEPTH = { bars: 13, closes: 13 }

const NO_CANDLE: Candle = {
  start: 0,
  open: 0,
  high: 0,
  low: 0,
  close: 0,
  isWhite: false,
  top: 0,
  bottom: 0,
  body: 0,
  bodies10: 0,
  ranges10: 0,
  ranges5: 0,
}

/** What stands for the candles before the first. */
export const NO_CANDLES: Candles = [NO_CANDLE, NO_CANDLE, NO_CANDLE, NO_CANDLE]

/** The candles after the newest bar of the series. */
export function nextCandles(
  series: Series,
  [before, third, fourth]: Candles,
  { start }: { readonly start: number },
): Candles {
  return [candleOf(series, before, start), before, third, fourth]
}

/** Sums go on from the candle before: they gain it, and lose the one that falls out. */
function candleOf(series: Series, before: Candle, start: number): Candle {
  const { count } = series
  const open = ago(series, 'opens', 0)
  const close = ago(series, 'closes', 0)
  const isWhite = close >= open
  const top = isWhite ? close : open
  const bottom = isWhite ? open : close
  return {
    start,
    open,
    high: ago(series, 'highs', 0),
    low: ago(series, 'lows', 0),
    close,
    isWhite,
    top,
    bottom,
    body: top - bottom,
    bodies10: before.bodies10 + before.body - (count > 11 ? bodyAt(series, 11) : 0),
    ranges10: before.ranges10 + before.high - before.low - (count > 11 ? rangeAt(series, 11) : 0),
    ranges5: before.ranges5 + before.high - before.low - (count > 6 ? rangeAt(series, 6) : 0),
  }
}

function bodyAt(series: Series, bars: number): number {
  return Math.abs(ago(series, 'closes', bars) - ago(series, 'opens', bars))
}

function rangeAt(series: Series, bars: number): number {
  return ago(series, 'highs', bars) - ago(series, 'lows', bars)
}

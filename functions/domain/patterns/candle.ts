import { closeAgo, highAgo, lowAgo, openAgo, startAgo, type Series } from '../series.ts'

/** A bar with the measures of candlestick patterns, in units of 10⁻⁸: whole numbers, so that sums are exact. */
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

/** How many bars back the averages of the oldest of these candles reach. */
export const CANDLES_DEPTH = { bars: 13, closes: 13 }

/** The newest candles of a series. Where it has too few bars for one, that one is not to be used. */
export function candlesOf(series: Series): Candles {
  let bodies10 = 0
  let ranges10 = 0
  let ranges5 = 0
  for (let bars = 1; bars <= 10; bars++) {
    bodies10 += bodyAt(series, bars)
    ranges10 += rangeAt(series, bars)
    if (bars <= 5) ranges5 += rangeAt(series, bars)
  }
  const candle = (bars: number): Candle => {
    const made = candleAt(series, bars, { bodies10, ranges10, ranges5 })
    // The sums of the candle before lack the newest bar of these and have an older one.
    bodies10 += bodyAt(series, bars + 11) - bodyAt(series, bars + 1)
    ranges10 += rangeAt(series, bars + 11) - rangeAt(series, bars + 1)
    ranges5 += rangeAt(series, bars + 6) - rangeAt(series, bars + 1)
    return made
  }
  return [candle(0), candle(1), candle(2), candle(3)]
}

type Sums = Pick<Candle, 'bodies10' | 'ranges10' | 'ranges5'>

function candleAt(series: Series, bars: number, { bodies10, ranges10, ranges5 }: Sums): Candle {
  const open = openAgo(series, bars)
  const close = closeAgo(series, bars)
  const isWhite = close >= open
  const top = isWhite ? close : open
  const bottom = isWhite ? open : close
  return {
    start: startAgo(series, bars),
    open,
    high: highAgo(series, bars),
    low: lowAgo(series, bars),
    close,
    isWhite,
    top,
    bottom,
    body: top - bottom,
    bodies10,
    ranges10,
    ranges5,
  }
}

function bodyAt(series: Series, bars: number): number {
  return Math.abs(closeAgo(series, bars) - openAgo(series, bars))
}

function rangeAt(series: Series, bars: number): number {
  return highAgo(series, bars) - lowAgo(series, bars)
}

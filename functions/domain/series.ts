/** A closed minute as indicators and patterns take it. Prices and volume are in units of 10⁻⁸. */
export type SeriesBar = {
  /** Unix seconds of the minute's start. */
  readonly start: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  /** Σ(price·volume)/Σvolume of the minute's trades; 0 when no volume was traded. */
  readonly vwap: number
}

/**
 * The last prices of a symbol: what every indicator and pattern may look back on. Plain JSON: each column is a ring in
 * which the value of the nth bar, counted from 0, lies at n modulo its length, a power of two.
 */
export type Series = {
  /** Bars seen. */
  count: number
  readonly closes: number[]
  readonly opens: number[]
  readonly highs: number[]
  readonly lows: number[]
}

/** How many bars back a series is asked for. */
export type Depth = {
  /** Closes, which long averages ask for. */
  readonly closes: number
  /** Open, high and low. */
  readonly bars: number
}

/** A series before its first bar. */
export function startSeries({ closes, bars }: Depth): Series {
  const ring = (depth: number): number[] =>
    Array.from({ length: 2 ** Math.ceil(Math.log2(depth + 1)) }, () => 0)
  return { count: 0, closes: ring(closes), opens: ring(bars), highs: ring(bars), lows: ring(bars) }
}

/** Appends a bar to a series, in place. */
export function addBar(series: Series, bar: SeriesBar): void {
  const { count, closes, opens, highs, lows } = series
  closes[count & (closes.length - 1)] = bar.close
  const place = count & (opens.length - 1)
  opens[place] = bar.open
  highs[place] = bar.high
  lows[place] = bar.low
  series.count = count + 1
}

/** A column's value so many bars ago; 0 is the newest. Whoever asks knows that there were so many. */
export function ago(series: Series, column: 'closes' | 'opens' | 'highs' | 'lows', bars: number): number {
  const ring = series[column]
  return ring[(series.count - 1 - bars) & (ring.length - 1)] ?? Number.NaN
}

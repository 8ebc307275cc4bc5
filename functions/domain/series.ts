/** Units in one: a series holds prices in units of 10⁻⁸. */
export const ONE = 100_000_000

/** A closed bar, as indicators and patterns use it. Prices, which may be negative, and volume are in units of 10⁻⁸. */
export type SeriesBar = {
  /** Unix seconds of the minute's start. */
  readonly start: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  /** Σ(price·volume)/Σvolume of the minute's trades, as exact as a double is; 0 when no volume was traded. */
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
  /** Unix seconds of the minutes' starts. */
  readonly starts: number[]
  readonly opens: number[]
  readonly highs: number[]
  readonly lows: number[]
}

/** How many bars back a series is asked for. */
export type Depth = {
  /** Closes, which long averages ask for. */
  readonly closes: number
  /** Start, open, high and low. */
  readonly bars: number
}

/** A series before its first bar. */
export function startSeries({ closes, bars }: Depth): Series {
  return {
    count: 0,
    closes: ringOf(closes),
    starts: ringOf(bars),
    opens: ringOf(bars),
    highs: ringOf(bars),
    lows: ringOf(bars),
  }
}

function ringOf(depth: number): number[] {
  return zeros(2 ** Math.ceil(Math.log2(depth + 1)))
}

/** So many zeros. */
export function zeros(length: number): number[] {
  while (ZEROS.length < length) ZEROS.push(...ZEROS)
  return ZEROS.slice(0, length)
}

// What has held a fraction is kept as bare doubles by the engine, and so are its copies: no price has to change that.
const ZEROS = [0.5, 0.5].fill(0)

/** Appends a bar to a series, in place. */
export function addBar(series: Series, bar: SeriesBar): void {
  const { count, closes, starts, opens, highs, lows } = series
  closes[count & (closes.length - 1)] = bar.close
  const place = count & (opens.length - 1)
  starts[place] = bar.start
  opens[place] = bar.open
  highs[place] = bar.high
  lows[place] = bar.low
  series.count = count + 1
}

/**
 * What a ring has for the nth bar of a symbol. Whoever asks knows that the ring reaches back to it.
 *
 * Takes the ring, not its name: where each call names another column, the engine looks the column up anew.
 */
export function valueAt(ring: readonly number[], bar: number): number {
  return ring[bar & (ring.length - 1)] ?? Number.NaN
}

/** Makes a series that of another, as far as the shorter rings of both reach back. */
export function copySeries(from: Series, to: Series): void {
  const { count } = from
  copyRing(from.closes, to.closes, count)
  copyRing(from.starts, to.starts, count)
  copyRing(from.opens, to.opens, count)
  copyRing(from.highs, to.highs, count)
  copyRing(from.lows, to.lows, count)
  to.count = count
}

function copyRing(from: readonly number[], to: number[], count: number): void {
  const mask = to.length - 1
  for (let bar = count - Math.min(from.length, to.length); bar < count; bar++)
    to[bar & mask] = valueAt(from, bar)
}

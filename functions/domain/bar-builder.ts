import { addInOrder, addPlain } from './add-plain.ts'
import { addExact, rescale } from './exact-prices.ts'
import type { Trades } from './trade.ts'

export const MINUTE_SECONDS = 60

/**
 * The fold of one minute's trades, exact and independent of how they were batched.
 *
 * Prices and volumes are whole units of a power of ten, the smallest that came. The common trade costs a few machine
 * multiplications and no allocation: each sum is a double that is carried into a bigint before it could lose a digit.
 * A price or volume that is no exact double moves the minute's prices to `exact`.
 */
export type BarBuilder = {
  /** Unix seconds of the minute's start. */
  start: number
  /** The last revision given to a bar of this minute; 0 before the first. */
  revision: number
  /** Trades that update the volume. */
  count: number
  /** When the trade happened that gave the open, and the close: whole seconds after the start, and nanoseconds. */
  openSecond: number
  openNanos: number
  closeSecond: number
  closeNanos: number
  /** Decimals of the prices, and of the volume; the notional has as many as both together. */
  priceScale: number
  volumeScale: number
  /** NaN until a trade came that may set it, and where `exact` holds the prices. */
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** To be added to `volume`. */
  volumeCarry: bigint
  /** Σ(price·volume). */
  notional: number
  notionalCarry: bigint
  exact: ExactPrices | undefined
  /** Some trade counts on no contiguous line. */
  uncounted: boolean
  /** Trades were missing when their gap was forgotten, or a change could not be made: no longer to be mended here. */
  damaged: boolean
  /** A trade set a price and did not update the volume. */
  priceOnly: boolean
  /** All of its trades were cancelled: its prices are those of before, and the next trade starts it anew. */
  emptied: boolean
  /** What the last emitted bar said of its completeness; undefined before the first. */
  said: boolean | null | undefined
}

/** Prices that are no exact doubles, in units of 10⁻¹⁸. */
export type ExactPrices = {
  open: bigint | undefined
  high: bigint | undefined
  low: bigint | undefined
  close: bigint | undefined
}

/** Unix seconds of the start of the minute in which a time lies. */
export function minuteOf(seconds: number): number {
  // A remainder of doubles would take several times as long.
  return Math.floor(seconds / MINUTE_SECONDS) * MINUTE_SECONDS
}

/** A minute without trades. */
export function startBar(start: number): BarBuilder {
  return {
    start,
    revision: 0,
    count: 0,
    openSecond: 0,
    openNanos: 0,
    closeSecond: 0,
    closeNanos: 0,
    priceScale: 0,
    volumeScale: 0,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    close: Number.NaN,
    volume: 0,
    volumeCarry: 0n,
    notional: 0,
    notionalCarry: 0n,
    exact: undefined,
    uncounted: false,
    damaged: false,
    priceOnly: false,
    emptied: false,
    said: undefined,
  }
}

/** A copy that can be changed. */
export function copyBar(bar: BarBuilder): BarBuilder {
  return { ...bar, exact: bar.exact && { ...bar.exact } }
}

/** A minute whose trades are gone, as it was before them; what is known of missing trades stays. */
function startAgain({ start, revision, uncounted, damaged, said }: BarBuilder): BarBuilder {
  return { ...startBar(start), revision, uncounted, damaged, said }
}

/** True once a bar of the minute can be told: some trade has set its prices. */
export function hasPrices(bar: BarBuilder): boolean {
  return bar.exact === undefined ? !Number.isNaN(bar.open) : bar.exact.open !== undefined
}

/**
 * Folds the trades at the places `from` to `to` (not included, absolute) of their columns into a bar, in place; all lie in
 * its minute. Trades are given in order of arrival.
 */
export function addTrades(
  bar: BarBuilder,
  trades: Trades,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (from >= to) return
  if (bar.emptied) Object.assign(bar, startAgain(bar))
  if (bar.priceScale < trades.priceScale || bar.volumeScale < trades.volumeScale) rescale(bar, trades)
  const isPlain = trades.wide === undefined && bar.exact === undefined
  if (isPlain && addInOrder(bar, trades, from, to)) return
  const next = isPlain ? addPlain(bar, trades, from, to) : from
  for (let index = next; index < to; index++) addExact(bar, trades, index)
}

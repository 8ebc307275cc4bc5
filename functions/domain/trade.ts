/**
 * One execution of a venue, exact. Flat and of small integers, because a feed sends millions of them: the time is
 * `seconds + nanos · 10⁻⁹` (Unix), price and volume are `integer + fraction · 10⁻⁸`.
 */
export type Trade = {
  readonly seconds: number
  readonly nanos: number
  readonly priceInteger: number
  readonly priceFraction: number
  readonly volumeInteger: number
  readonly volumeFraction: number
}

/** The trades of one record of the stream `ticks`: of one symbol, in order. */
export type TradeRun = {
  /** Kinesis sequence number: grows along a shard, compared numerically. */
  readonly sequenceNumber: string
  /** Unix milliseconds at which the stream took the record. */
  readonly arrivedAt: number
  /** The producer's own number of the record; absent for producers that do not number. */
  readonly producer: Producer | undefined
  /** Trades of the record that come before these, when it is applied in chunks. @default 0 */
  readonly from?: number
  readonly trades: readonly Trade[]
}

/** A producer's name and its number of a record, which grows per symbol and across its restarts. */
export type Producer = { readonly source: string; readonly sequence: number }

/** How far past its arrival a trade's own time may lie before the trade is rejected, in seconds. */
export const MAX_AHEAD_SECONDS = 60

const SYMBOL = /^[A-Za-z0-9._:/^=+@#$&-]{1,64}$/

/** A symbol is 1 to 64 letters, digits or `. _ : / ^ = + @ # $ & -`. */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text)
}

/** True when trade `a` happened before trade `b`. */
export function isEarlier(
  a: { seconds: number; nanos: number },
  b: { seconds: number; nanos: number },
): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos)
}

/** Compares Kinesis sequence numbers: decimal integers of up to 128 bits, without leading zeros. */
export function compareSequenceNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

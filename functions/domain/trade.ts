import type { Decimal } from './decimal.ts'
import { unitsAt } from './decimal.ts'
import type { Line } from './lines.ts'

/** What a trade may change in its bar, as bits; sale conditions take some away. */
export const UPDATES = { highLow: 1, openClose: 2, volume: 4, all: 7 } as const

/** The id of a trade that has none. */
export const NO_ID = -1

/** One execution of a venue, exact. */
export type Trade = {
  /** Unix time: `seconds + nanos · 10⁻⁹`. */
  readonly seconds: number
  readonly nanos: number
  readonly price: Decimal
  readonly volume: Decimal
  /** The venue's number of it, below 2⁵³. @default NO_ID */
  readonly id?: number
  /** Bits of `UPDATES`. @default all */
  readonly updates?: number
}

/**
 * Trades as columns of doubles, since a feed brings millions of them: the places `from` to `to` (not included) of columns
 * that other trades may share. Never changed once they are given away.
 */
export type Trades = {
  readonly columns: TradeColumns
  readonly from: number
  readonly to: number
  /** Prices are whole units of 10^-priceScale, volumes of 10^-volumeScale. */
  readonly priceScale: number
  readonly volumeScale: number
  /** True when no trade happened before the one that stands before it. */
  readonly isOrdered: boolean
  /** Whether one of them has an id; `ids` says which. */
  readonly hasIds: boolean
  /** Whether one of them does not update all. */
  readonly hasUpdates: boolean
  /** The same prices and volumes exactly, by place less `from`, where a double does not hold them. */
  readonly wide: readonly { readonly price: bigint; readonly volume: bigint }[] | undefined
}

export type TradeColumns = {
  readonly seconds: Float64Array
  readonly nanos: Float64Array
  readonly price: Float64Array
  readonly volume: Float64Array
  /** Empty where no trade has an id. */
  readonly ids: Float64Array
  /** Empty where each trade updates all. */
  readonly updates: Uint8Array
}

/** What a record of the stream `ticks` says of its trades. */
export type RunType =
  | 'trade'
  /** Takes trades away that were reported before, named by id. */
  | 'cancel'
  /** Gives trades that were reported before another price and volume. */
  | 'correct'

/** A record of the stream `ticks`, or several with a trade each: trades of one symbol, in order. */
export type TradeRun = {
  /** The Kinesis shard that it came on, and its number there, compared numerically within a shard only. */
  readonly shard: string
  readonly sequenceNumber: string
  /** Unix milliseconds at which the stream took the record. */
  readonly arrivedAt: number
  /** The producer's own number of the record; absent for producers that do not number. */
  readonly producer: Producer | undefined
  /** The line on which the ids of its trades count; absent where they have none. */
  readonly line: Line | undefined
  readonly type: RunType
  /** Trades of the record that come before these, when it is taken in chunks. @default 0 */
  readonly skipped?: number
  /** True for what is left of a run of which some trades are applied. @default false */
  readonly isContinued?: boolean
  /** False where more trades of the symbol follow in the same record. @default true */
  readonly isLast?: boolean
  /** Of a cancel or correction the trades as they were reported. */
  readonly trades: Trades
  /** Of a correction, by place, the trade as it is now: one each. */
  readonly replacements?: readonly Trades[]
  /** Where each trade was a record of its own, without a producer and without ids. What else the run says is of the last. */
  readonly records?: RunRecords
}

/** Records of one shard, each later than the one before, by the place of their trade in its columns. */
export type RunRecords = {
  readonly sequenceNumbers: readonly string[]
  /** Unix milliseconds. */
  readonly arrivals: Float64Array
}

/** A producer's name and its number of a record, which grows per symbol and across its restarts. */
export type Producer = { readonly source: string; readonly sequence: number }

/** How far past its arrival a trade's own time may lie before it counts as bad, in seconds. */
export const MAX_AHEAD_SECONDS = 60

/** Unix seconds of 1980-01-01; no electronic trade is older, and small numbers are other units. */
export const EARLIEST_SECONDS = 315_532_800

/** Columns for so many trades. */
function createColumns(length: number): TradeColumns {
  return {
    seconds: new Float64Array(length),
    nanos: new Float64Array(length),
    price: new Float64Array(length),
    volume: new Float64Array(length),
    ids: new Float64Array(length).fill(NO_ID),
    updates: new Uint8Array(length).fill(UPDATES.all),
  }
}

/** Trades in columns of their own. */
export function tradesOf(trades: readonly Trade[]): Trades {
  const columns = createColumns(trades.length)
  let priceScale = 0
  let volumeScale = 0
  for (const { price, volume } of trades) {
    priceScale = Math.max(priceScale, price.scale)
    volumeScale = Math.max(volumeScale, volume.scale)
  }
  const exact = trades.map(({ price, volume }) => ({
    price: unitsAt(price, priceScale),
    volume: unitsAt(volume, volumeScale),
  }))
  let isOrdered = true
  let hasIds = false
  let hasUpdates = false
  for (const [place, { seconds, nanos, id = NO_ID, updates = UPDATES.all }] of trades.entries()) {
    const before = trades[place - 1]
    if (before !== undefined && isEarlier({ seconds, nanos }, before)) isOrdered = false
    if (id !== NO_ID) hasIds = true
    if (updates !== UPDATES.all) hasUpdates = true
    columns.seconds[place] = seconds
    columns.nanos[place] = nanos
    columns.price[place] = Number(exact[place]?.price)
    columns.volume[place] = Number(exact[place]?.volume)
    columns.ids[place] = id
    columns.updates[place] = updates
  }
  const isWide = exact.some(({ price, volume }) => typeof price === 'bigint' || typeof volume === 'bigint')
  const wide = isWide
    ? exact.map(({ price, volume }) => ({ price: BigInt(price), volume: BigInt(volume) }))
    : undefined
  return {
    columns,
    from: 0,
    to: trades.length,
    priceScale,
    volumeScale,
    isOrdered,
    hasIds,
    hasUpdates,
    wide,
  }
}

/** The trade at a place among trades, counted from 0. */
export function tradeAt(trades: Trades, place: number): Trade {
  const { columns, from, priceScale, volumeScale, wide } = trades
  const index = from + place
  const exact = wide?.[place]
  return {
    seconds: columns.seconds[index] ?? 0,
    nanos: columns.nanos[index] ?? 0,
    price: { units: exact?.price ?? columns.price[index] ?? 0, scale: priceScale },
    volume: { units: exact?.volume ?? columns.volume[index] ?? 0, scale: volumeScale },
    id: columns.ids[index] ?? NO_ID,
    updates: columns.updates[index] ?? UPDATES.all,
  }
}

export function countOf({ from, to }: Trades): number {
  return to - from
}

/** The trades from a place on, counted from 0. */
export function tradesFrom(trades: Trades, place: number): Trades {
  const { wide } = trades
  return {
    ...trades,
    from: trades.from + place,
    wide: wide?.slice(place),
  }
}

/**
 * A symbol is 1 to 64 letters, digits, marks or signs of any script, with single or several spaces between them: what
 * venues use (`BRK B`, `AAPL  251219C00250000`, `ES1!`), without what lists, quotes and markup need.
 */
export function isSymbol(text: string): boolean {
  return text.length <= MAX_SYMBOL && SYMBOL.test(text)
}

const MAX_SYMBOL = 64
const SYMBOL = /^(?! )[\p{L}\p{M}\p{N} ._:/^=+@#$&!*~()|-]+(?<! )$/u

/** True when trade `a` happened before trade `b`. */
export function isEarlier(
  a: { readonly seconds: number; readonly nanos: number },
  b: { readonly seconds: number; readonly nanos: number },
): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos)
}

/** Compares Kinesis sequence numbers of one shard: decimal integers of up to 128 bits, without leading zeros. */
export function compareSequenceNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  // Most are later than the one before: one comparison tells.
  return a > b ? 1 : a === b ? 0 : -1
}

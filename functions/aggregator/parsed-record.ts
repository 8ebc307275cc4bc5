import type { Tape } from '../domain/conditions.ts'
import type { Line } from '../domain/lines.ts'
import type { Sides } from '../domain/side.ts'
import { type Producer, type RunType, type Trades, tradesOf } from '../domain/trade.ts'
import type { Rejection, RejectReason } from '../shared/dead-letters/rejection.ts'

/** What a record of the stream `ticks` holds. */
export type ParsedRecord = {
  readonly symbol: string
  readonly producer: Producer | undefined
  readonly line: Line | undefined
  readonly type: RunType
  readonly trades: Trades
  /** Of a correction, the trades as they are now. */
  readonly replacements?: readonly Trades[]
  readonly rejections: readonly Rejection[]
  /** What else the record said of its trades, as it said it. */
  readonly said: Said
}

/** What a record says that the bars do not need, and the archive keeps. */
export type Said = {
  readonly source: string | undefined
  readonly line: string | undefined
  readonly contiguous: boolean | undefined
  readonly tape: Tape | undefined
  /** JSON of the conditions of each trade, by place; undefined where none has any. */
  readonly conditions?: readonly (string | undefined)[] | undefined
  /** Who took the liquidity of each trade, by place; undefined where of none that is known. */
  readonly sides?: Sides
}

export type RecordOrigin = {
  readonly partitionKey: string
  /** Unix milliseconds. */
  readonly arrivedAt: number
  /** Whether the symbol's prices may be zero or below. */
  readonly allowsNonPositive: boolean
}

/** A record of which nothing can be read. */
export function refused(reason: RejectReason, detail: string): ParsedRecord {
  return {
    symbol: '',
    producer: undefined,
    line: undefined,
    type: 'trade',
    trades: NO_TRADES,
    rejections: [{ reason, detail, index: undefined, tick: undefined }],
    said: NOTHING,
  }
}

const NOTHING: Said = { source: undefined, line: undefined, contiguous: undefined, tape: undefined }
const NO_TRADES = tradesOf([])

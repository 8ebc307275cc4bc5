import type { RefusedReason } from '../../domain/event.ts'

/** Why a record or a trade was rejected. */
export type RejectReason =
  | 'not-json'
  | 'wrong-shape'
  | 'empty-batch'
  | 'bad-symbol'
  | 'partition-key'
  | 'bad-timestamp'
  | 'future'
  | 'bad-price'
  | 'bad-volume'
  | 'bad-id'
  | 'bad-type'
  | 'bad-conditions'
  | 'bad-side'
  /** Compressed or aggregated, and not whole. */
  | 'damaged'
  | RefusedReason
  /** Our own code failed while it read the record. */
  | 'fault'
  /** The database does not accept it. */
  | 'refused'

/** What was rejected: a whole record, or one trade of it. */
export type Rejection = {
  readonly reason: RejectReason
  /** What was wrong, with which value, and what to do. */
  readonly detail: string
  /** The trade's place in its record; undefined when the whole record was rejected. */
  readonly index: number | undefined
  /**
   * The trade as it was sent, as JSON. Where the whole record was rejected, its text if it lay within another (compressed
   * or aggregated), else undefined.
   */
  readonly tick: string | undefined
  /** What the record of a trade said for all of its trades. */
  readonly sentWith?: SentWith
}

/** What a trade means beside itself, as its record said it. */
export type SentWith = {
  readonly line?: string
  readonly contiguous?: boolean
  readonly tape?: string
}

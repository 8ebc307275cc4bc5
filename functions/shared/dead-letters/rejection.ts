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
  | 'too-late'
  /** The flag `late-corrections` is off. */
  | 'corrections-off'
  /** The database does not accept it. */
  | 'refused'

/** What was rejected: a whole record, or one trade of it. */
export type Rejection = {
  readonly reason: RejectReason
  /** What was wrong, with which value, and what to do. */
  readonly detail: string
  /** The trade's place in its record; undefined when the whole record was rejected. */
  readonly index: number | undefined
  /** The trade as it was sent, as JSON; undefined when the whole record was rejected. */
  readonly tick: string | undefined
}

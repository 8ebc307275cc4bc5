/** Why a record or a tick was refused. */
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
  /** By the database. */
  | 'refused'

/** What was refused: a whole record, or one tick of it. */
export type Rejection = {
  readonly reason: RejectReason
  /** What was wrong, with which value, and what to do. */
  readonly detail: string
  /** The tick's place in its batch; undefined when the whole record was refused. */
  readonly index: number | undefined
  /** The tick as it was sent, as JSON; undefined when the whole record was refused. */
  readonly tick: string | undefined
}

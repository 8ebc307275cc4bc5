import type { BarBuilder } from './bar-builder.ts'

/** What the aggregator keeps of one symbol: everything that decides what the symbol's next trade does. */
export type MinuteState = {
  /** Kinesis sequence number of the newest record applied; '' before the first. */
  readonly sequenceNumber: string
  /** How many trades of that record are applied, while it is applied in chunks; 0 when all are. */
  readonly taken: number
  /** The newest record number applied of each producer, the most recent producer last; at most `MAX_PRODUCERS`. */
  readonly producers: readonly (readonly [source: string, sequence: number])[]
  /** The symbol's event time: the time of its newest trade. */
  readonly newest: { readonly seconds: number; readonly nanos: number }
  /** Unix milliseconds, wall clock, at which a trade was last applied to the open bar. */
  readonly touchedAt: number
  /** The open bar: the minute that takes trades now. */
  readonly open: BarBuilder | undefined
  /** Closed bars that a late trade may still correct, oldest first. */
  readonly closed: readonly BarBuilder[]
  /** Unix seconds; a bar that starts earlier may have left `closed` and is finalized, whatever the rules. */
  readonly keptFrom: number
  /** Bars committed with this state that may not be on the stream `bars` yet, in order. */
  readonly outbox: readonly PendingBar[]
}

/** A closed bar on its way to the stream `bars`. */
export type PendingBar = { readonly builder: BarBuilder; readonly closedAt: number }

/** Producers remembered per symbol; the one that has sent nothing for longest is forgotten first. */
export const MAX_PRODUCERS = 8

/** The state of a symbol before its first trade. */
export const INITIAL_STATE: MinuteState = {
  sequenceNumber: '',
  taken: 0,
  producers: [],
  newest: { seconds: -60, nanos: 0 },
  touchedAt: 0,
  open: undefined,
  closed: [],
  keptFrom: 0,
  outbox: [],
}

/** True when a symbol needs no work until its next trade: no open bar, an empty outbox. */
export function isQuiet(state: MinuteState): boolean {
  return state.open === undefined && state.outbox.length === 0
}

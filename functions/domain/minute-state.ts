import type { Minute } from './bar-builder.ts'

/** What the aggregator knows of one symbol: everything that decides what its next tick does. */
export type SymbolState = {
  /** Kinesis sequence number of the newest record applied; '' before the first. */
  readonly sequenceNumber: string
  /** How many ticks of that record are applied, while it is taken in parts; 0 when all are. */
  readonly taken: number
  /** The newest record number applied of each producer, most recently heard last; at most `MAX_PRODUCERS`. */
  readonly producers: readonly (readonly [source: string, sequence: number])[]
  /** The symbol's event time: the time of its newest tick. */
  readonly newest: { readonly seconds: number; readonly nanos: number }
  /** Unix milliseconds, wall clock, at which a tick was last applied to the open minute. */
  readonly touchedAt: number
  /** The minute that takes ticks now. */
  readonly open: Minute | undefined
  /** Closed minutes that a late tick may still correct, oldest first. */
  readonly closed: readonly Minute[]
  /** Unix seconds; a minute that starts earlier may have left `closed` and is final, whatever the rules. */
  readonly keptFrom: number
  /** Bars committed with this state and not yet known to be on the stream `bars`, in order. */
  readonly outbox: readonly PendingBar[]
}

/** A closed minute on its way to the stream `bars`. */
export type PendingBar = { readonly minute: Minute; readonly closedAt: number }

/** Producers remembered per symbol; the one not heard for longest is forgotten first. */
export const MAX_PRODUCERS = 8

/** The state of a symbol that was never heard of. */
export const INITIAL_STATE: SymbolState = {
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

/** True when nothing is left to be done for a symbol until its next tick. */
export function isQuiet(state: SymbolState): boolean {
  return state.open === undefined && state.outbox.length === 0
}

import type { BarBuilder } from './bar-builder.ts'
import type { LineState } from './lines.ts'
import type { KeptBar } from './packed-bar.ts'

/** What the aggregator knows of one symbol: everything that decides what its next trade does. */
export type MinuteState = {
  /** Where it stands in each shard that its records came on, latest last; at most `MAX_SHARDS`. */
  readonly shards: readonly ShardPlace[]
  /** The newest record number applied of each producer, latest last; at most `MAX_PRODUCERS`. */
  readonly producers: readonly ProducerPlace[]
  /** Which ids of each line have come; at most `MAX_LINES`. */
  readonly lines: readonly LineState[]
  /** Cancels and corrections that were applied, latest last; at most `MAX_CHANGES`. */
  readonly changes: readonly AppliedChange[]
  /** The symbol's event time: the time of its newest trade. */
  readonly newest: { readonly seconds: number; readonly nanos: number }
  /** When the last trade was applied to the open minute. */
  readonly touched: Touched
  /** The open bar: it takes trades now. */
  readonly open: BarBuilder | undefined
  /** Closed minutes that a late trade may still correct, oldest first. */
  readonly closed: readonly KeptBar[]
  /** Unix seconds; a minute that starts earlier may have left `closed` and is finalized, whatever the rules. */
  readonly keptFrom: number
  /** Bars committed with this state and not yet known to be on the stream `bars`, in order. */
  readonly outbox: readonly PendingBar[]
}

export type ShardPlace = {
  readonly shard: string
  /** Kinesis sequence number of the newest record applied. */
  readonly sequenceNumber: string
  /** How many trades of that record are applied, while it is taken in chunks; 0 when all are. */
  readonly taken: number
  /** The symbol's event time (Unix seconds) after it. */
  readonly seconds: number
}

export type ProducerPlace = {
  readonly source: string
  readonly sequence: number
  /** The symbol's event time (Unix seconds) after that record. */
  readonly seconds: number
}

/** A cancel or correction that was applied to a trade, so that another producer's is known for the same. */
export type AppliedChange = {
  readonly line: string
  readonly id: number
  /** `cancel`, or the price and volume that it was corrected to. */
  readonly change: string
  /** Unix seconds of the trade. */
  readonly seconds: number
}

/** Unix milliseconds at which the stream took the last trade applied, and by how much that was after its own time. */
export type Touched = { readonly arrivedAt: number; readonly lagMs: number; readonly delayMs: number }

/** A closed minute on its way to the stream `bars`. */
export type PendingBar = { readonly builder: BarBuilder; readonly closedAt: number }

/** Shards, producers and changes remembered of a symbol whose trades may still be within the lateness. */
export const MAX_SHARDS = 16
export const MAX_PRODUCERS = 128
export const MAX_CHANGES = 64

/** The shard of a state that an earlier release wrote, which did not say which. */
export const ANY_SHARD = ''

/** The state of a symbol without a trade. */
export const INITIAL_STATE: MinuteState = {
  shards: [],
  producers: [],
  lines: [],
  changes: [],
  newest: { seconds: -60, nanos: 0 },
  touched: { arrivedAt: 0, lagMs: 0, delayMs: 0 },
  open: undefined,
  closed: [],
  keptFrom: 0,
  outbox: [],
}

/** True when nothing is left to be done for a symbol until its next trade. */
export function isQuiet(state: MinuteState): boolean {
  return state.open === undefined && state.outbox.length === 0
}

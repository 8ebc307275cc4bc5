import type { TradeRun } from './trade.ts'

/** What can happen to a symbol. Time is always an argument: `now` is Unix milliseconds, wall clock. */
export type SymbolEvent =
  | { readonly type: 'trades'; readonly now: number; readonly runs: readonly TradeRun[] }
  /**
   * Time has passed. `stream`: all that the symbol's shard took until `now` has been given; `wall`: perhaps not, but for
   * the time that the last trade had waited.
   */
  | { readonly type: 'clock'; readonly now: number; readonly clock: 'stream' | 'wall' }
  | { readonly type: 'flush'; readonly now: number }
  /** The first `count` bars of the outbox are on the stream `bars`. */
  | { readonly type: 'emitted'; readonly count: number }

export type Rules = {
  /**
   * How much older than the symbol's newest trade a trade of a closed minute may be, in seconds. A minute that was
   * finalized stays so when this is raised.
   */
  readonly latenessSeconds: number
  /** How long no trade must have been applied to a minute that is over before the clock closes it, in ms. */
  readonly graceMs: number
  /** What becomes of a trade that comes when its minute has closed, within the lateness. @default correct */
  readonly lateTrades?: 'correct' | 'refuse'
  /** Bars in the outbox from which on no trade is taken before they are emitted. @default Infinity */
  readonly maxPending?: number
}

/** What an event came to, beside the state. */
export type Outcome = {
  applied: number
  /** Trades applied to a minute after it had closed; part of `applied`. */
  late: number
  duplicates: number
  /** Taken for duplicates, being below all gaps of a line that remembers no more. */
  uncertain: number
  /** Trades of contiguous lines that never came within the lateness, or whose gap could not be remembered. */
  missing: number
  /** Cancels and corrections that changed a bar. */
  changed: number
  /** Closed for the first time. */
  completed: number
  revised: number
  /** Bars emitted that lack trades; part of `completed` and `revised`. */
  incomplete: number
  readonly refused: RefusedTrade[]
}

/** Why a trade that can be read is not applied. */
export type RefusedReason =
  /** Older than the allowed lateness, its minute being finalized. */
  | 'too-late'
  /** Its minute has closed, and late trades are refused. */
  | 'corrections-off'
  /** Its minute was finalized before the lateness was raised. */
  | 'finalized'
  /** More producers, lines, shards or changes at once than the state remembers. */
  | 'too-many-sources'
  | 'too-many-lines'
  | 'too-many-shards'
  | 'too-many-changes'
  /** The trade that a cancel or correction names is in no bar of its minute. */
  | 'unknown-trade'

/** A trade that was not applied, and never merged into another minute. `index` is its place among the trades of the run. */
export type RefusedTrade = {
  readonly run: TradeRun
  readonly index: number
  readonly reason: RefusedReason
  readonly behindSeconds: number
}

/** Nothing has happened. */
export function noOutcome(): Outcome {
  return {
    applied: 0,
    late: 0,
    duplicates: 0,
    uncertain: 0,
    missing: 0,
    changed: 0,
    completed: 0,
    revised: 0,
    incomplete: 0,
    refused: [],
  }
}

import type { Rules } from '../../functions/domain/event.ts'
import { Dice } from './dice.ts'

/** How the trades of a symbol reach the stream. */
type Kind =
  /** Numbered by the venue without a hole, by two feeds side by side. */
  | 'numbered'
  /** By one feed, which numbers its records. */
  | 'plain'
  /** By a producer that numbers nothing: a record is a trade. */
  | 'bare'

export type SymbolPlan = { readonly symbol: string; readonly kind: Kind; readonly meanGapMs: number }

/** What a seed gives: the market, the deployment, and how unkind the world is. */
export type Plan = {
  readonly minutes: number
  readonly symbols: readonly SymbolPlan[]
  readonly shards: number
  readonly rules: Rules
  /** Of the version that replaces the first one: a release may change what is safe to change. */
  readonly nextRules: Rules
  readonly batchSize: number
  readonly windowMs: number
  /** Shares: of calls that fail, of batches that come again, of records that a stream refuses, of trades that are late. */
  readonly faults: number
  readonly again: number
  readonly refused: number
  readonly late: number
  readonly lost: number
  /** Means between two of a kind, in minutes; infinite where there is none. */
  readonly everyMinutes: Readonly<
    Record<'reshard' | 'outage' | 'cut' | 'deploy' | 'flush' | 'rebuild', number>
  >
}

export const LATENESS_SECONDS = 120

export function planOf(seed: number): Plan {
  const dice = new Dice(seed, 'plan')
  const rulesOf = (): Rules => ({
    latenessSeconds: LATENESS_SECONDS,
    graceMs: dice.pick([500, 2000, 5000]),
    maxPending: dice.pick([200, 200, 1, 2]),
  })
  const count = dice.whole(2, 5)
  const often = (...means: readonly number[]): number => dice.pick([Infinity, ...means])
  return {
    minutes: dice.whole(5, 14),
    symbols: Array.from({ length: count }, (_, index) => ({
      symbol: `${'ABCDE'[index]}${dice.whole(1, 99)}`,
      kind: dice.pick<Kind>(['numbered', 'numbered', 'plain', 'bare']),
      meanGapMs: dice.pick([700, 2500, 8000, 30_000]),
    })),
    shards: dice.whole(1, 3),
    rules: rulesOf(),
    nextRules: rulesOf(),
    batchSize: dice.pick([1000, 1000, 10, 3]),
    windowMs: dice.pick([0, 0, 5000]),
    faults: dice.pick([0, 0.002, 0.01, 0.03, 0.08]),
    again: dice.pick([0, 0.02, 0.15]),
    refused: dice.pick([0, 0, 0.03, 0.3]),
    late: dice.pick([0, 0.01, 0.05]),
    lost: dice.pick([0, 0.005, 0.02]),
    everyMinutes: {
      reshard: often(1, 3),
      outage: often(2, 5),
      cut: often(2, 5),
      deploy: often(3, 6),
      flush: often(4, 8),
      rebuild: often(4, 8),
    },
  }
}

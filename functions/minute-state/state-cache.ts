import type { MinuteState } from '../domain/minute-state.ts'
import type { Versioned } from '../shared/dynamodb/state-store.ts'

/** The share of stale states from which on a state is read before it is used. */
const MAX_STALE = 0.2
/** Each state counts for that much of the share. */
const WEIGHT = 0.02

/**
 * States of earlier calls by symbol. Lambda gives a shard to any instance, so that another may have gone on from a state:
 * a stale one does no harm, since its commit is a conflict, but it costs a write. Where many are stale, states are read
 * first, and compared, so that the cache learns when they no longer are.
 */
export class StateCache extends Map<string, Versioned<MinuteState>> {
  #staleShare = 0

  /** Whether states are mostly what the table has. */
  get isTrusted(): boolean {
    return this.#staleShare <= MAX_STALE
  }

  /** Learns whether a cached state was what the table has. */
  learn({ isStale }: { readonly isStale: boolean }): void {
    this.#staleShare += WEIGHT * ((isStale ? 1 : 0) - this.#staleShare)
  }
}

import { closesAt } from '../domain/due.ts'
import type { SymbolEvent } from '../domain/event.ts'
import { advance, noTotals, type StateDeps, type Totals } from '../minute-state/advance.ts'

type ErrorLog = { readonly error: (message: string, error: Error) => void }

/** States that the cache keeps at most; the ones cached for longest are evicted first. */
const MAX_CACHED = 50_000

/** How far a batch has come: its shard, and the arrival of its last record, Unix milliseconds. */
export type Progress = { readonly shard: string; readonly arrivedAt: number }

/**
 * Closes the open bars whose minute is past, of cached symbols of the shard that a batch came from. Time is the arrival of its last
 * record: all that the shard took before that has been applied, so that no trade is waiting that would correct the bar.
 *
 * Never throws: the batch is committed and must not be redelivered for this; the sweeper closes what is left.
 */
export async function closeOverdue(
  deps: StateDeps,
  { shard, arrivedAt: now }: Progress,
  log: ErrorLog,
): Promise<Totals> {
  const { cache, rules } = deps
  for (const symbol of cache.keys()) {
    if (cache.size <= MAX_CACHED) break
    cache.delete(symbol)
  }
  const events = new Map<string, SymbolEvent>()
  for (const [symbol, { state }] of cache) {
    if (state.shards.at(-1)?.shard !== shard) continue
    const due = closesAt(state, rules)
    if (due !== undefined && due - state.touched.lagMs <= now)
      events.set(symbol, { type: 'clock', now, clock: 'stream' })
  }
  const leave = (error: unknown): void =>
    log.error(
      'overdue bars are left to the sweeper',
      error instanceof Error ? error : new Error(String(error)),
    )
  try {
    const { totals, failed } = await advance(deps, events)
    for (const error of failed.values()) leave(error)
    return totals
  } catch (error) {
    leave(error)
    return noTotals()
  }
}

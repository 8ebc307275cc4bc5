import { closesAt, type SymbolEvent } from '../domain/evolve.ts'
import { advance, noTotals, type Totals } from '../minute-state/advance.ts'
import type { AggregatorDeps } from './aggregate.ts'

type ErrorLog = { readonly error: (message: string, error: Error) => void }

/** States that the cache keeps at most; the ones cached for longest are evicted first. */
const MAX_CACHED = 50_000

/**
 * Closes the open bars of cached symbols whose minute is past by the wall clock.
 *
 * Never throws: the batch is committed and must not be redelivered for this; the sweeper closes what is left.
 */
export async function closeOverdue(deps: AggregatorDeps, log: ErrorLog): Promise<Totals> {
  const { cache, rules } = deps
  for (const symbol of cache.keys()) {
    if (cache.size <= MAX_CACHED) break
    cache.delete(symbol)
  }
  const now = deps.now()
  const events = new Map<string, SymbolEvent>()
  for (const [symbol, { state }] of cache) {
    const due = closesAt(state, rules)
    if (due !== undefined && due <= now) events.set(symbol, { type: 'clock', now })
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

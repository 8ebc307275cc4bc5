import { closesAt, type SymbolEvent } from '../domain/evolve.ts'
import { advance, noTotals, type Totals } from '../minute-state/advance.ts'
import type { AggregatorDeps } from './aggregate.ts'

type ErrorLog = { readonly error: (message: string, error: Error) => void }

/** More states than this are not kept warm; the ones known for longest go first. */
const MAX_CACHED = 50_000

/**
 * Closes the minutes of the symbols in the cache that are over by the wall clock.
 *
 * Never fails: the batch before it is committed and must not be redelivered for this; the sweeper closes what is left.
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
      'overdue minutes are left to the sweeper',
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

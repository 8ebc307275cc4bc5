import { closesAt } from '../domain/due.ts'
import type { Rules, SymbolEvent } from '../domain/event.ts'
import type { MinuteState } from '../domain/minute-state.ts'
import { advance, noTotals, type StateDeps, type Totals } from '../minute-state/advance.ts'
import { StateCache } from '../minute-state/state-cache.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'

/** `due` closes the open bars of past minutes by the wall clock; `all` closes every open bar now. */
export type Sweep = 'due' | 'all'

/** Symbols whose state is advanced together: limits memory, and how many symbols one failure can block. */
const SYMBOLS_AT_ONCE = 500
const CLEARS_AT_ONCE = 50

/**
 * Closes open bars that get no further trade, and emits the bars in outboxes again.
 *
 * @throws when a symbol could not be advanced; the others are
 */
export async function sweep(deps: Omit<StateDeps, 'cache'>, kind: Sweep, now: () => number): Promise<Totals> {
  const totals = noTotals()
  let found = new StateCache()
  const failures: unknown[] = []
  const finish = async (): Promise<void> => {
    const batch = { ...deps, cache: found }
    found = new StateCache()
    try {
      failures.push(...(await sweepBatch(batch, { kind, now: now(), totals })))
    } catch (error) {
      failures.push(error)
    }
  }
  for await (const [symbol, stored] of deps.store.pending()) {
    if (!isDue(stored.state, { kind, now: now(), rules: deps.rules })) continue
    found.set(symbol, stored)
    if (found.size === SYMBOLS_AT_ONCE) await finish()
  }
  await finish()
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} failures while sweeping`)
  return totals
}

async function sweepBatch(
  batch: StateDeps,
  { kind, now, totals }: { readonly kind: Sweep; readonly now: number; readonly totals: Totals },
): Promise<unknown[]> {
  const event: SymbolEvent = kind === 'all' ? { type: 'flush', now } : { type: 'clock', now, clock: 'wall' }
  const events = new Map<string, SymbolEvent>()
  for (const [symbol, { state }] of batch.cache) {
    events.set(symbol, event)
    totals.reemitted += state.outbox.length
  }
  const advanced = await advance(batch, events)
  for (const name of ['completed', 'revised', 'conflicts', 'stale', 'reemitted'] as const)
    totals[name] += advanced.totals[name]
  await clearOutboxes(batch)
  return [...advanced.failed.values()]
}

/**
 * Commits the states once more without the emitted bars, since the next commit of a quiet symbol may be hours away.
 * A conflict needs no retry: whoever changed the state in between has read its outbox.
 */
async function clearOutboxes({ cache, store }: StateDeps): Promise<void> {
  await concurrently(cache, CLEARS_AT_ONCE, async ([symbol, { version, state }]) => {
    await store.commit(symbol, state, { expectedVersion: version })
  })
}

/** True for a state that no aggregator will advance soon, or when every bar is to be closed. */
function isDue(
  state: MinuteState,
  { kind, now, rules }: { readonly kind: Sweep; readonly now: number; readonly rules: Rules },
): boolean {
  if (kind === 'all') return true
  const { arrivedAt, lagMs } = state.touched
  return (closesAt(state, rules) ?? arrivedAt + lagMs + rules.graceMs) <= now
}

import { closesAt } from '../domain/due.ts'
import type { Rules, SymbolEvent } from '../domain/event.ts'
import { isQuiet, type MinuteState } from '../domain/minute-state.ts'
import { endOf } from '../domain/minutes.ts'
import { addTotals, advance, noTotals, type StateDeps, type Totals } from '../minute-state/advance.ts'
import { StateCache } from '../minute-state/state-cache.ts'
import type { StateStore, Versioned } from '../shared/dynamodb/state-store.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'

/** `due` closes the open bars of past minutes by the wall clock; `all` closes every open bar now. */
type Sweep = 'due' | 'all'

/** Symbols whose state is advanced together: limits memory, and how many symbols one failure can block. */
const SYMBOLS_AT_ONCE = 500
const CLEARS_AT_ONCE = 50

export type SweepOptions = {
  readonly kind: Sweep
  /** Unix milliseconds. */
  readonly now: () => number
  /** @default all symbols */
  readonly symbols?: readonly string[] | undefined
}

/** What a sweep did, and the symbols whose minute is over but not yet due, with when it will be, Unix milliseconds. */
export type Swept = { readonly totals: Totals; readonly waiting: ReadonlyMap<string, number> }

/**
 * Closes open bars that get no further trade, and emits the bars in outboxes again.
 *
 * @throws when a symbol could not be advanced; the others are
 */
export async function sweep(
  deps: Omit<StateDeps, 'cache'>,
  { kind, now, symbols }: SweepOptions,
): Promise<Swept> {
  const totals = noTotals()
  const waiting = new Map<string, number>()
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
  for await (const [symbol, stored] of statesOf(deps.store, symbols)) {
    const time = now()
    const dueAt = kind === 'all' ? time : dueTime(stored.state, deps.rules)
    if (dueAt > time) {
      const { open } = stored.state
      if (open !== undefined && endOf(open) <= time) waiting.set(symbol, dueAt)
      continue
    }
    found.set(symbol, stored)
    if (found.size === SYMBOLS_AT_ONCE) await finish()
  }
  await finish()
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} failures while sweeping`)
  return { totals, waiting }
}

async function* statesOf(
  store: StateStore<MinuteState>,
  symbols: readonly string[] | undefined,
): AsyncIterable<readonly [string, Versioned<MinuteState>]> {
  if (symbols === undefined) yield* store.pending()
  const asked = symbols ?? []
  for (let from = 0; from < asked.length; from += SYMBOLS_AT_ONCE) {
    const states = await store.load(asked.slice(from, from + SYMBOLS_AT_ONCE))
    for (const found of states) if (!isQuiet(found[1].state)) yield found
  }
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
  addTotals(totals, advanced.totals)
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

/** Unix milliseconds from which no aggregator will advance a state soon. */
function dueTime(state: MinuteState, rules: Rules): number {
  const { arrivedAt, lagMs } = state.touched
  return closesAt(state, rules) ?? arrivedAt + lagMs + rules.graceMs
}

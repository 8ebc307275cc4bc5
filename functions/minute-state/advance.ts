import { evolve } from '../domain/evolve.ts'
import { noOutcome, type Outcome, type RefusedTrade, type Rules, type SymbolEvent } from '../domain/event.ts'
import { INITIAL_STATE, type MinuteState, type PendingBar } from '../domain/minute-state.ts'
import { retryOnConflict } from '../shared/dynamodb/retry-on-conflict.ts'
import type { StateStore, Versioned } from '../shared/dynamodb/state-store.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import type { BarSink } from './bar-stream.ts'
import type { StateCache } from './state-cache.ts'

/** What the writers of the minute state depend on. */
export type StateDeps = {
  readonly store: StateStore<MinuteState>
  readonly sink: BarSink
  readonly rules: Rules
  /** States of earlier calls, kept by `advance`. */
  readonly cache: StateCache
}

/** The result of advancing some symbols. */
export type Advanced = {
  readonly totals: Totals
  /** Symbols whose event is not in the table. Passing the event again applies nothing twice. */
  readonly failed: ReadonlyMap<string, unknown>
}

export type Totals = { [Name in Exclude<keyof Outcome, 'refused'>]: number } & {
  refused: number
  /** Commits that met a newer state although theirs was read in this call. */
  conflicts: number
  /** Cached states that another instance had gone on from: Lambda gives a shard to any of them. */
  stale: number
  /** Bars of unknown fate that were emitted again. */
  reemitted: number
}

type Events = ReadonlyMap<string, SymbolEvent>

const COMMITS_AT_ONCE = 100

/**
 * Applies its event to each symbol: load, emit what was loaded, evolve, commit, emit; then again with what is left of an
 * event whose bars filled the outbox.
 *
 *     load ── emit its outbox ── evolve ── commit ── emit ───────── (next commit leaves out what was emitted)
 *                                            │ conflict: again with the state that was met; a clock event is dropped,
 *                                            │           since whoever was first looked at the clock as well
 *                                            └ a crash after here: the next reader of the state finds the bars in its outbox
 *
 * A loaded outbox is emitted before the commit that drops it, so that a bar of unknown fate is put by one reader of that
 * state and by none of the next: at most twice, however often a symbol changes its instance. Who reads it at the same moment,
 * as the sweeper beside an aggregator does, puts it too.
 *
 * @param beforeCommit receives the trades that are refused, before anything is committed
 * @throws when the stream `bars` refuses records, or a state cannot be loaded; the events may be passed again
 */
export async function advance(
  deps: StateDeps,
  events: Events,
  beforeCommit: (refused: ReadonlyMap<string, readonly RefusedTrade[]>) => Promise<void> = async () => {},
): Promise<Advanced> {
  const { cache } = deps
  const work: Work = {
    totals: noTotals(),
    failed: new Map(),
    fresh: new Set(),
    met: new Map(),
    reemitted: new Set(),
    beforeCommit,
  }
  try {
    let left = events
    while (left.size > 0) {
      const committed = await commitAll(deps, left, work)
      await emit(deps, committed.outbox)
      left = committed.rest
    }
  } catch (error) {
    for (const symbol of events.keys()) cache.delete(symbol)
    throw error
  }
  return { totals: work.totals, failed: work.failed }
}

type Work = {
  readonly totals: Totals
  readonly failed: Map<string, unknown>
  /** Symbols whose state was read or written in this call. */
  readonly fresh: Set<string>
  /** States that a commit met in the place of its own. */
  readonly met: Map<string, Versioned<MinuteState>>
  /** Symbols whose outbox was emitted here and still lies in the table. */
  readonly reemitted: Set<string>
  readonly beforeCommit: (refused: ReadonlyMap<string, readonly RefusedTrade[]>) => Promise<void>
}

/** Commits every symbol's next state, again where another writer came first: the bars to emit, and what is left. */
async function commitAll(
  deps: StateDeps,
  events: Events,
  work: Work,
): Promise<{ outbox: ReadonlyMap<string, readonly PendingBar[]>; rest: Events }> {
  const outbox = new Map<string, readonly PendingBar[]>()
  const rest = new Map<string, SymbolEvent>()
  const exhausted = await retryOnConflict([...events.keys()], async (symbols) => {
    const conflicts: string[] = []
    const left = await load(deps, { symbols, events }, work)
    const attempts = left.map((symbol) => attempt(deps, symbol, events))
    await work.beforeCommit(refusedOf(attempts))
    await concurrently(attempts, COMMITS_AT_ONCE, async (made) => {
      const result = await commitOne(deps, made, work)
      if (result === 'conflict' && !isOfClock(events.get(made.symbol))) conflicts.push(made.symbol)
      if (result !== 'committed') return
      if (made.state.outbox.length > 0) outbox.set(made.symbol, made.state.outbox)
      if (made.rest !== undefined) rest.set(made.symbol, made.rest)
    })
    return conflicts
  })
  for (const [symbol, error] of exhausted) work.failed.set(symbol, error)
  return { outbox, rest }
}

function isOfClock(event: SymbolEvent | undefined): boolean {
  return event?.type === 'clock'
}

/** Commits one symbol's next state, and counts what came of it. A state that is not in the table leaves the cache. */
async function commitOne(
  deps: StateDeps,
  made: Attempt,
  work: Work,
): Promise<'committed' | 'conflict' | 'failed'> {
  const { symbol, before, state } = made
  const { totals, failed, fresh, reemitted } = work
  const { cache, store } = deps
  try {
    if (isUnchanged(made) && !reemitted.has(symbol)) {
      addOutcome(totals, made.outcome)
      return 'committed'
    }
    const result = await store.commit(symbol, state, { expectedVersion: before.version })
    if (!fresh.has(symbol)) cache.learn({ isStale: result.type === 'conflict' })
    if (result.type === 'committed') {
      cache.set(symbol, { version: before.version + 1, state })
      fresh.add(symbol)
      reemitted.delete(symbol)
      addOutcome(totals, made.outcome)
      return 'committed'
    }
    totals[fresh.has(symbol) ? 'conflicts' : 'stale']++
    cache.delete(symbol)
    fresh.delete(symbol)
    if (result.current !== undefined) work.met.set(symbol, result.current)
    return 'conflict'
  } catch (error) {
    cache.delete(symbol)
    failed.set(symbol, error)
    return 'failed'
  }
}

/**
 * Reads what is not cached, or not to be trusted, and emits the outboxes that it finds. Returns the symbols whose event is
 * still to be applied: a clock event whose cached state is stale is dropped.
 */
async function load(
  deps: StateDeps,
  { symbols, events }: { readonly symbols: readonly string[]; readonly events: Events },
  work: Work,
): Promise<readonly string[]> {
  const { cache, store } = deps
  const { fresh, met, totals } = work
  const found = new Map<string, Versioned<MinuteState>>()
  for (const symbol of symbols) {
    const current = met.get(symbol)
    if (current !== undefined) found.set(symbol, current)
  }
  met.clear()
  const unread = symbols.filter(
    (symbol) => !found.has(symbol) && !fresh.has(symbol) && !(cache.has(symbol) && cache.isTrusted),
  )
  const read = unread.length === 0 ? new Map<string, Versioned<MinuteState>>() : await store.load(unread)
  const dropped = new Set<string>()
  for (const [symbol, current] of read) {
    const cached = cache.get(symbol)
    const isStale = cached !== undefined && cached.version !== current.version
    if (cached !== undefined) cache.learn({ isStale })
    // The same version in the cache knows what of its outbox has been emitted.
    if (cached?.version === current.version) continue
    if (isStale) totals.stale++
    if (isOfClock(events.get(symbol))) dropped.add(symbol)
    else found.set(symbol, current)
  }
  for (const symbol of [...found.keys(), ...unread]) fresh.add(symbol)
  for (const symbol of dropped) cache.delete(symbol)
  await adopt(deps, found, work)
  return symbols.filter((symbol) => !dropped.has(symbol))
}

/** Goes on from states as they lie in the table, and emits their outboxes, whose fate nobody knows. */
async function adopt(
  deps: StateDeps,
  found: ReadonlyMap<string, Versioned<MinuteState>>,
  { totals, reemitted }: Work,
): Promise<void> {
  const outboxes = new Map<string, readonly PendingBar[]>()
  for (const [symbol, current] of found) {
    deps.cache.set(symbol, current)
    const { outbox } = current.state
    if (outbox.length === 0) continue
    outboxes.set(symbol, outbox)
    reemitted.add(symbol)
    totals.reemitted += outbox.length
  }
  await emit(deps, outboxes)
}

/** Puts the bars on the stream and removes them from the cached outboxes, so that the next commit leaves them out. */
async function emit(
  { sink, cache, rules }: StateDeps,
  bars: ReadonlyMap<string, readonly PendingBar[]>,
): Promise<void> {
  if (bars.size === 0) return
  await sink(bars)
  for (const [symbol, { length }] of bars) {
    const cached = cache.get(symbol)
    if (cached === undefined) continue
    const { state } = evolve(cached.state, { type: 'emitted', count: length }, rules)
    cache.set(symbol, { version: cached.version, state })
  }
}

type Attempt = {
  readonly symbol: string
  readonly before: Versioned<MinuteState>
  readonly state: MinuteState
  readonly outcome: Outcome
  readonly rest: SymbolEvent | undefined
}

const NO_STATE: Versioned<MinuteState> = { version: 0, state: INITIAL_STATE }

function attempt({ cache, rules }: StateDeps, symbol: string, events: Events): Attempt {
  const before = cache.get(symbol) ?? NO_STATE
  const event = events.get(symbol)
  if (event === undefined) throw new Error(`no event for ${symbol}`)
  return { symbol, before, ...evolve(before.state, event, rules) }
}

/** True when an event did nothing that must be kept: each run that is applied moves the place in its shard. */
function isUnchanged({ before, state }: Attempt): boolean {
  return state.shards === before.state.shards && state.outbox.length === before.state.outbox.length
}

function refusedOf(attempts: readonly Attempt[]): ReadonlyMap<string, readonly RefusedTrade[]> {
  return new Map(
    attempts
      .filter(({ outcome }) => outcome.refused.length > 0)
      .map(({ symbol, outcome }) => [symbol, outcome.refused]),
  )
}

export function noTotals(): Totals {
  return { ...noOutcome(), refused: 0, conflicts: 0, stale: 0, reemitted: 0 }
}

const COUNTS = [
  'applied',
  'late',
  'duplicates',
  'uncertain',
  'missing',
  'changed',
  'completed',
  'revised',
  'incomplete',
] as const

const TOTALS = [...COUNTS, 'refused', 'conflicts', 'stale', 'reemitted'] as const

function addOutcome(totals: Totals, outcome: Outcome): void {
  for (const name of COUNTS) totals[name] += outcome[name]
  totals.refused += outcome.refused.length
}

/** Adds the totals of one call to those of several. */
export function addTotals(totals: Totals, added: Readonly<Totals>): void {
  for (const name of TOTALS) totals[name] += added[name]
}

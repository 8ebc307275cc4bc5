import { evolve, type Outcome, type Rules, type SymbolEvent, type TooLate } from '../domain/evolve.ts'
import { INITIAL_STATE, type PendingBar, type MinuteState } from '../domain/minute-state.ts'
import type { BarSink } from './bar-stream.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import { retryOnConflict } from '../shared/dynamodb/retry-on-conflict.ts'
import type { StateStore, Versioned } from '../shared/dynamodb/state-store.ts'

/** What the writers of the minute state depend on. */
export type StateDeps = {
  readonly store: StateStore<MinuteState>
  readonly sink: BarSink
  readonly rules: Rules
  /** States of earlier calls, kept by `advance`. A stale one does no harm: its commit is a conflict. */
  readonly cache: Map<string, Versioned<MinuteState>>
}

/** The result of advancing some symbols. */
export type Advanced = {
  readonly totals: Totals
  /** Symbols whose event is not in the table. Passing the event again applies nothing twice. */
  readonly failed: ReadonlyMap<string, unknown>
}

export type Totals = { [Name in Exclude<keyof Outcome, 'tooLate'>]: number } & {
  tooLate: number
  /** Commits that met a newer state although theirs was read in this call. */
  conflicts: number
  /** Commits of a cached state that another instance had changed: Lambda gives a shard to any of them. */
  stale: number
  reemitted: number
}

type Events = ReadonlyMap<string, SymbolEvent>

const COMMITS_AT_ONCE = 50

/**
 * Applies its event to each symbol: load, evolve, commit, emit; then again with what is left of an event whose bars
 * filled the outbox.
 *
 *     load ── evolve ── commit ──────── emit ─────────── (next commit leaves out what was emitted)
 *                         │ conflict: load again, evolve again
 *                         └ a crash after here: the next reader of the state finds the bars in its outbox
 *
 * @param beforeCommit receives the trades that came too late, before anything is committed
 * @throws when the stream `bars` refuses records, or a state cannot be loaded; the events may be passed again
 */
export async function advance(
  deps: StateDeps,
  events: Events,
  beforeCommit: (tooLate: ReadonlyMap<string, readonly TooLate[]>) => Promise<void> = async () => {},
): Promise<Advanced> {
  const { cache } = deps
  const totals = noTotals()
  const failed = new Map<string, unknown>()
  const work: Work = { totals, failed, fresh: new Set(), beforeCommit }
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
  return { totals, failed }
}

type Work = {
  readonly totals: Totals
  readonly failed: Map<string, unknown>
  /** Symbols whose state was read or written in this call. */
  readonly fresh: Set<string>
  readonly beforeCommit: (tooLate: ReadonlyMap<string, readonly TooLate[]>) => Promise<void>
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
    work.totals.reemitted += await loadMissing(deps, symbols, work.fresh)
    const attempts = symbols.map((symbol) => attempt(deps, symbol, events))
    await work.beforeCommit(tooLateOf(attempts))
    await concurrently(attempts, COMMITS_AT_ONCE, async (made) => {
      const result = await commitOne(deps, made, work)
      if (result === 'conflict') conflicts.push(made.symbol)
      if (result !== 'committed') return
      if (made.state.outbox.length > 0) outbox.set(made.symbol, made.state.outbox)
      if (made.rest !== undefined) rest.set(made.symbol, made.rest)
    })
    return conflicts
  })
  for (const [symbol, error] of exhausted) work.failed.set(symbol, error)
  return { outbox, rest }
}

/** Commits one symbol's next state, and counts what came of it. A state that is not in the table leaves the cache. */
async function commitOne(
  deps: StateDeps,
  made: Attempt,
  { totals, failed, fresh }: Work,
): Promise<'committed' | 'conflict' | 'failed'> {
  const { symbol } = made
  try {
    if ((await commit(deps, made)) === 'committed') {
      fresh.add(symbol)
      addOutcome(totals, made.outcome)
      return 'committed'
    }
    deps.cache.delete(symbol)
    totals[fresh.has(symbol) ? 'conflicts' : 'stale']++
    return 'conflict'
  } catch (error) {
    deps.cache.delete(symbol)
    failed.set(symbol, error)
    return 'failed'
  }
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

async function commit({ store, cache }: StateDeps, made: Attempt): Promise<'committed' | 'conflict'> {
  const { symbol, before, state } = made
  const isSame =
    state.sequenceNumber === before.state.sequenceNumber &&
    state.taken === before.state.taken &&
    state.outbox.length === before.state.outbox.length
  if (isSame && state.open?.count === before.state.open?.count) return 'committed'
  const result = await store.commit(symbol, state, { expectedVersion: before.version })
  if (result === 'committed') cache.set(symbol, { version: before.version + 1, state })
  return result
}

/** Loads what the cache does not have. Returns how many bars it found in outboxes, which are emitted again. */
async function loadMissing(
  { store, cache }: StateDeps,
  symbols: readonly string[],
  fresh: Set<string>,
): Promise<number> {
  const missing = symbols.filter((symbol) => !cache.has(symbol))
  if (missing.length === 0) return 0
  let bars = 0
  for (const symbol of missing) fresh.add(symbol)
  for (const [symbol, found] of await store.load(missing)) {
    cache.set(symbol, found)
    bars += found.state.outbox.length
  }
  return bars
}

function tooLateOf(attempts: readonly Attempt[]): ReadonlyMap<string, readonly TooLate[]> {
  return new Map(
    attempts
      .filter(({ outcome }) => outcome.tooLate.length > 0)
      .map(({ symbol, outcome }) => [symbol, outcome.tooLate]),
  )
}

export function noTotals(): Totals {
  return {
    applied: 0,
    late: 0,
    duplicates: 0,
    completed: 0,
    revised: 0,
    tooLate: 0,
    conflicts: 0,
    stale: 0,
    reemitted: 0,
  }
}

function addOutcome(totals: Totals, outcome: Outcome): void {
  totals.applied += outcome.applied
  totals.late += outcome.late
  totals.duplicates += outcome.duplicates
  totals.completed += outcome.completed
  totals.revised += outcome.revised
  totals.tooLate += outcome.tooLate.length
}

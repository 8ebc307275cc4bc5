import { evolve, type Outcome, type Rules, type SymbolEvent, type TooLate } from '../domain/evolve.ts'
import { INITIAL_STATE, type PendingBar, type MinuteState } from '../domain/minute-state.ts'
import type { BarSink } from './bar-stream.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import type { StateStore, Versioned } from '../shared/dynamodb/state-store.ts'

/** What the owners of the minute state work with. */
export type StateDeps = {
  readonly store: StateStore<MinuteState>
  readonly sink: BarSink
  readonly rules: Rules
  /** States known from before; kept true by `advance`, and never believed by the table. */
  readonly cache: Map<string, Versioned<MinuteState>>
}

/** What advancing some symbols came to. */
export type Advanced = {
  readonly totals: Totals
  /** Symbols whose event is not in the table. The event may be given again: what it did is recognised. */
  readonly failed: ReadonlyMap<string, unknown>
}

export type Totals = { [Name in Exclude<keyof Outcome, 'tooLate'>]: number } & {
  tooLate: number
  /** States that were read in this call and had changed before they were written. */
  conflicts: number
  /** States of the cache that another instance had gone on from: Lambda gives a shard to any of them. */
  stale: number
  reemitted: number
}

type Events = ReadonlyMap<string, SymbolEvent>

const COMMITS_AT_ONCE = 50
const MAX_CONFLICTS = 20

/**
 * Gives each symbol its event: load, evolve, commit, emit; and again with what is left of an event whose bars were too
 * many for one state.
 *
 *     load ── evolve ── commit ──────── emit ─────────── (next commit leaves out what was emitted)
 *                         │ conflict: load again, evolve again
 *                         └ a crash after here: whoever loads the state finds the bars in its outbox
 *
 * @param beforeCommit takes the ticks that came too late, before anything is committed
 * @throws when the stream `bars` refuses, or a state cannot be loaded; the events may be given again
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

/** Commits every symbol's next state, however often another is first: the bars to be emitted, and what is left. */
async function commitAll(
  deps: StateDeps,
  events: Events,
  { totals, failed, fresh, beforeCommit }: Work,
): Promise<{ outbox: ReadonlyMap<string, readonly PendingBar[]>; rest: Events }> {
  const { cache } = deps
  const outbox = new Map<string, readonly PendingBar[]>()
  const rest = new Map<string, SymbolEvent>()
  let left: readonly string[] = [...events.keys()]
  for (let round = 0; left.length > 0; round++) {
    totals.reemitted += await loadMissing(deps, left, fresh)
    const attempts = left.map((symbol) => attempt(deps, symbol, events))
    await beforeCommit(tooLateOf(attempts))
    const conflicts: string[] = []
    await concurrently(attempts, COMMITS_AT_ONCE, async (made) => {
      const { symbol } = made
      try {
        if ((await commit(deps, made)) === 'conflict') {
          cache.delete(symbol)
          conflicts.push(symbol)
          totals[fresh.has(symbol) ? 'conflicts' : 'stale']++
          return
        }
        fresh.add(symbol)
        addOutcome(totals, made.outcome)
        if (made.state.outbox.length > 0) outbox.set(symbol, made.state.outbox)
        if (made.rest !== undefined) rest.set(symbol, made.rest)
      } catch (error) {
        cache.delete(symbol)
        failed.set(symbol, error)
      }
    })
    if (round === MAX_CONFLICTS)
      for (const symbol of conflicts.splice(0))
        failed.set(symbol, new Error(`the state of ${symbol} changed under ${round + 1} commits in a row`))
    left = conflicts
  }
  return { outbox, rest }
}

/** Puts the bars on the stream, and notes in the cache that they are there; the next commit leaves them out. */
async function emit(
  { sink, cache, rules }: StateDeps,
  bars: ReadonlyMap<string, readonly PendingBar[]>,
): Promise<void> {
  if (bars.size === 0) return
  await sink(bars)
  for (const [symbol, { length }] of bars) {
    const known = cache.get(symbol)
    if (known === undefined) continue
    const { state } = evolve(known.state, { type: 'emitted', count: length }, rules)
    cache.set(symbol, { version: known.version, state })
  }
}

type Attempt = {
  readonly symbol: string
  readonly before: Versioned<MinuteState>
  readonly state: MinuteState
  readonly outcome: Outcome
  readonly rest: SymbolEvent | undefined
}

const UNKNOWN: Versioned<MinuteState> = { version: 0, state: INITIAL_STATE }

function attempt({ cache, rules }: StateDeps, symbol: string, events: Events): Attempt {
  const before = cache.get(symbol) ?? UNKNOWN
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

/** Loads what the cache does not have; the number of bars of unknown fate that it found. */
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

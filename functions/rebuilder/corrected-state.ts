import { toSeriesBar } from '../analytics/revised-bar.ts'
import { type Analysis, type AnalysisState, copyState, nameValues } from '../domain/analysis.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import { closeAgo, highAgo, lowAgo, openAgo } from '../domain/series.ts'
import type { RecentBar, SymbolAnalysis } from '../domain/signals.ts'
import type { SignalRecord } from '../shared/streams/records.ts'
import { areSameValues, isAsStored, recordsOf } from './compare-signals.ts'
import { Refold, type Refolded } from './refold.ts'
import type { StoredBar } from './stored-bars.ts'
import type { StoredMinute } from './stored-signals.ts'

/** A state to be committed, and what is put before. */
export type Corrected = {
  readonly state: SymbolAnalysis
  readonly records: readonly SignalRecord[]
  /** Minutes whose signals are put. */
  readonly minutes: number
}

type Given = {
  readonly analysis: Analysis
  readonly symbol: string
  /** After the last finalized bar, made again. */
  readonly finalized: AnalysisState
  /** Unix milliseconds. */
  readonly now: number
}

/** What the database has after the last finalized minute. */
type Stored = {
  readonly bars: readonly StoredBar[]
  readonly signals: ReadonlyMap<number, StoredMinute>
}

/**
 * Unix seconds of the last minute that is finalized in a state, as the analytics part finalizes them: before its recent bars,
 * and before a late trade may still make a bar between them; undefined where it has none.
 */
export function finalizedUntil({ recent }: SymbolAnalysis, latenessSeconds: number): number | undefined {
  const [first, last] = [recent[0], recent.at(-1)]
  if (first === undefined || last === undefined) return undefined
  return Math.min(first.bar.start, last.bar.start - latenessSeconds) - MINUTE_SECONDS
}

/**
 * The state of a symbol with its finalized bars as they are stored now, and the signals of its recent bars that follow, each
 * with its next revision; undefined where both are right already. Stored bars that it lacks join the recent ones: the state
 * was lost when they had been taken, or they are on their way. `base` grows, so that what the analytics part has computed
 * from the state before, and could not commit, has lower revisions.
 */
export function correctedState(
  state: SymbolAnalysis,
  { bars, signals }: Stored,
  { analysis, finalized, ...given }: Given,
): Corrected | undefined {
  const right = new Refold(analysis, copyState(finalized))
  const before = new Refold(analysis, copyState(state.finalized))
  const missing = missingIn(state, { bars, signals })
  let isRight = missing.length === 0 && isSameState(analysis, state.finalized, finalized)
  const recent: RecentBar[] = []
  const records: SignalRecord[] = []
  for (const entry of byStart([...state.recent, ...missing])) {
    const made = entry.withdrawn ? undefined : right.take(entry.bar)
    const minute = { start: entry.bar.start, made, stored: signals.get(entry.bar.start) }
    const comparing = { analysis, ...given }
    isRight &&= isAsStored(minute, comparing)
    if (made !== undefined) isRight &&= isSameMade(analysis, made, before.take(entry.bar))
    const revision = Math.max(entry.revision, minute.stored?.revision ?? 0) + 1
    recent.push({ ...entry, revision, found: namesOf(made) })
    records.push(...recordsOf(minute, { revision, found: entry.found }, comparing))
  }
  if (isRight) return undefined
  return {
    state: { finalized, newest: right.state, recent, base: state.base + 1 },
    records,
    minutes: recent.length,
  }
}

function missingIn({ recent }: SymbolAnalysis, { bars, signals }: Stored): RecentBar[] {
  const known = new Set(recent.map(({ bar }) => bar.start))
  const last = recent.at(-1)?.bar.start ?? 0
  const missing = bars.filter(({ start, withdrawn }) => !withdrawn && start <= last && !known.has(start))
  return missing.map((stored) => {
    const { revision = 0, patterns = [] } = signals.get(stored.start) ?? {}
    const found = patterns.map((each) => each.pattern_type)
    return { bar: toSeriesBar(stored), barRevision: stored.revision, revision, withdrawn: false, found }
  })
}

function byStart(recent: readonly RecentBar[]): RecentBar[] {
  return recent.toSorted((one, other) => one.bar.start - other.bar.start)
}

/** The state of a symbol that has none, of its stored bars. */
export function startedState({ bars, signals }: Stored, { analysis, finalized, ...given }: Given): Corrected {
  const fold = new Refold(analysis, copyState(finalized))
  const recent: RecentBar[] = []
  const records: SignalRecord[] = []
  let minutes = 0
  for (const each of bars) {
    const bar = toSeriesBar(each)
    const made = each.withdrawn ? undefined : fold.take(bar)
    const minute = { start: each.start, made, stored: signals.get(each.start) }
    const isSame = isAsStored(minute, { analysis, ...given })
    const revision = (minute.stored?.revision ?? 0) + (isSame ? 0 : 1)
    if (!isSame) records.push(...recordsOf(minute, { revision }, { analysis, ...given }))
    if (!isSame) minutes++
    recent.push({
      bar,
      barRevision: each.revision,
      revision,
      withdrawn: each.withdrawn,
      found: namesOf(made),
    })
  }
  return { state: { finalized, newest: fold.state, recent, base: 1 }, records, minutes }
}

function namesOf(made: Refolded | undefined): string[] {
  return (made?.patterns ?? []).map(({ pattern }) => pattern.name)
}

/** Whether two states go on alike, as far as their bars tell. */
function isSameState({ depth, indicators }: Analysis, one: AnalysisState, other: AnalysisState): boolean {
  const isSeries = [
    [closeAgo, depth.closes] as const,
    ...[openAgo, highAgo, lowAgo].map((ago) => [ago, depth.bars] as const),
  ].every(([ago, most]) => {
    const bars = Math.min(one.series.count, most + 1)
    if (bars !== Math.min(other.series.count, most + 1)) return false
    for (let each = 0; each < bars; each++)
      if (ago(one.series, each) !== ago(other.series, each)) return false
    return true
  })
  if (!isSeries || one.series.count !== other.series.count) return isSeries
  // Of as many bars: what an indicator has gathered that gives no value yet can be compared as it is.
  return indicators.every((_, index) => isNear(one.indicators[index] ?? [], other.indicators[index] ?? []))
}

const RELATIVE = 1e-9

function isNear(one: readonly number[], other: readonly number[]): boolean {
  const largest = Math.max(0, ...one.map(Math.abs), ...other.map(Math.abs))
  return one.every((value, index) => Math.abs(value - (other[index] ?? Number.NaN)) <= RELATIVE * largest)
}

function isSameMade(analysis: Analysis, one: Refolded, other: Refolded): boolean {
  return (
    areSameValues(analysis, one.values, nameValues(analysis, other.values)) &&
    namesOf(one).join() === namesOf(other).join()
  )
}

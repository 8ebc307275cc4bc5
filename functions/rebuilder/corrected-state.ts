import { toSeriesBar } from '../shared/analysis/series-bar.ts'
import { type Analysis, type AnalysisState, copyState, nameValues } from '../domain/analysis.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import { type Series, valueAt } from '../domain/series.ts'
import type { RecentBar, SymbolAnalysis } from '../domain/signals.ts'
import type { SignalRecord } from '../shared/streams/records.ts'
import { areSameValues, isAsStored, recordsOf } from './compare-signals.ts'
import { Refold, type Refolded } from '../domain/refold.ts'
import type { StoredBar } from './stored-bars.ts'
import type { StoredMinute } from './stored-signals.ts'

/** A state to be committed, and what is put then. */
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
 * The state of a symbol with its finalized bars as they are stored now, and the signals of its recent bars that follow;
 * undefined where both are right already. Stored bars that it lacks join the recent ones: the state was lost when they had
 * been taken, or they are on their way.
 *
 * The records are put when the state is committed, not before: they follow from a state that another may have replaced.
 * The analytics part emits before it commits. What it emits from the state before, and cannot commit, it emits again from
 * this one, but for bars that have joined; so revisions here are above all that it may have given with these.
 */
export function correctedState(
  state: SymbolAnalysis,
  { bars, signals }: Stored,
  { analysis, finalized, ...given }: Given,
): Corrected | undefined {
  const right = new Refold(analysis, copyState(finalized))
  const before = new Refold(analysis, copyState(state.finalized))
  const joined = joinedBy(state, { bars, signals })
  let isRight = joined.size === 0 && isSameState(analysis, state.finalized, finalized)
  const recent: RecentBar[] = []
  const records: SignalRecord[] = []
  // Each revision of a bar that joins may have given later minutes another one.
  let rewinds = 0
  for (const entry of byStart([...state.recent, ...joined])) {
    const made = entry.withdrawn ? undefined : right.take([entry.bar])[0]
    const minute = { start: entry.bar.start, made, stored: signals.get(entry.bar.start) }
    const comparing = { analysis, ...given }
    isRight &&= isAsStored(minute, comparing)
    const [madeBefore] = made === undefined ? [] : before.take([entry.bar])
    isRight &&= made === undefined || madeBefore === undefined || isSameMade(analysis, made, madeBefore)
    const revision = Math.max(entry.revision, minute.stored?.revision ?? 0) + rewinds + 1
    if (joined.has(entry)) rewinds += entry.barRevision
    recent.push({ ...entry, revision, found: namesOf(made) })
    records.push(...recordsOf(minute, { revision, found: entry.found }, comparing))
  }
  if (isRight) return undefined
  return {
    state: { finalized, newest: right.state, recent, base: state.base + rewinds + 1 },
    records,
    minutes: recent.length,
  }
}

function joinedBy({ recent, base }: SymbolAnalysis, { bars, signals }: Stored): ReadonlySet<RecentBar> {
  const known = new Set(recent.map(({ bar }) => bar.start))
  const missing = bars.filter(({ start }) => !known.has(start))
  return new Set(
    missing.map(({ revision: barRevision, withdrawn, ...bar }) => {
      const found = (signals.get(bar.start)?.patterns ?? []).map((each) => each.pattern_type)
      return { bar: toSeriesBar(bar), barRevision, revision: barRevision + base, withdrawn, found }
    }),
  )
}

function byStart(recent: readonly RecentBar[]): RecentBar[] {
  return recent.toSorted((one, other) => one.bar.start - other.bar.start)
}

function namesOf(made: Refolded | undefined): string[] {
  return (made?.patterns ?? []).map(({ pattern }) => pattern.name)
}

/** Whether two states go on alike, as far as their bars tell. */
function isSameState({ depth, indicators }: Analysis, one: AnalysisState, other: AnalysisState): boolean {
  const isSeries = [
    ['closes', depth.closes] as const,
    ...(['opens', 'highs', 'lows'] as const).map((column) => [column, depth.bars] as const),
  ].every(([column, most]) => {
    const bars = Math.min(one.series.count, most + 1)
    if (bars !== Math.min(other.series.count, most + 1)) return false
    for (let ago = 1; ago <= bars; ago++)
      if (valueAgo(one.series, column, ago) !== valueAgo(other.series, column, ago)) return false
    return true
  })
  if (!isSeries || one.series.count !== other.series.count) return isSeries
  // Of as many bars: what an indicator has gathered that gives no value yet can be compared as it is.
  return indicators.every((_, index) => isNear(one.indicators[index] ?? [], other.indicators[index] ?? []))
}

/** 1 bar ago is the newest. */
function valueAgo(series: Series, column: 'closes' | 'opens' | 'highs' | 'lows', ago: number): number {
  return valueAt(series[column], series.count - ago)
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

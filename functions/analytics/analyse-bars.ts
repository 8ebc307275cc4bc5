import type { KinesisStreamRecord } from 'aws-lambda'

import type { Analysis } from '../domain/analysis.ts'
import { type Analysed, BarFold, type SymbolAnalysis } from '../domain/signals.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import { minuteText } from '../shared/runtime/minute-text.ts'
import { type Consumed, consume } from '../shared/streams/consume.ts'
import { readLines } from '../shared/streams/lines.ts'
import { parseBarRecord, type SignalRecord } from '../shared/streams/records.ts'
import { retryOnConflict } from '../shared/dynamodb/retry-on-conflict.ts'
import type { StateStore } from '../shared/dynamodb/state-store.ts'
import { type BarsBySymbol, groupBars } from './group-bars.ts'
import { toSignalRecords } from './signal-records.ts'
import type { SignalSink } from './signal-stream.ts'
import { startSymbol } from './state-codec.ts'
import { addRecord, type AnalysisTotals, noTotals } from './totals.ts'

export type AnalyticsDeps = {
  readonly analysis: Analysis
  readonly latenessSeconds: number
  readonly store: StateStore<SymbolAnalysis>
  readonly sink: SignalSink
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
}

/** What a batch came to. */
export type AnalysedBatch = Pick<Consumed<unknown>, 'unreadable' | 'firstFailure' | 'response'> & {
  readonly totals: AnalysisTotals
}

const COMMITS_AT_ONCE = 50

/**
 * Analyses a batch of the stream `bars`: emits, then commits.
 *
 *     load ── fold the bars ── emit ── commit
 *                               │        └ conflict: load again; the bars that another instance took are duplicates
 *                               └ a crash after here: the bars are redelivered, and give the same signals and revisions
 *
 * The signals of a bar depend only on the bars before it on the stream, so they may be emitted twice, and no outbox is
 * needed. That requires the state that is in the table: one kept from an earlier batch may lack bars that another
 * instance took.
 *
 * @throws when the stream `signals` refuses records, or a state cannot be loaded; the batch may be passed again
 */
export async function analyseBars(
  deps: AnalyticsDeps,
  records: readonly KinesisStreamRecord[],
): Promise<AnalysedBatch> {
  const { result, unreadable, firstFailure, response } = await consume(records, {
    parse: (payload, _record, refuse) => readLines(payload, parseBarRecord, refuse),
    process: ({ readable }) => analyse(deps, groupBars(readable)),
  })
  return { totals: result.totals, unreadable, firstFailure, response }
}

async function analyse(deps: AnalyticsDeps, bars: BarsBySymbol) {
  const totals = noTotals()
  const failed = new Map<string, unknown>()
  const before = new Map<string, readonly Folded[]>()
  const exhausted = await retryOnConflict([...bars.keys()], async (symbols) => {
    const folded = await foldBars(deps, bars, { symbols, failed })
    const corrected = folded.map((each) => withoutOutdated(each, before.get(each.symbol) ?? []))
    await emit(deps, corrected, totals)
    const conflicts = await commit(deps, folded, failed)
    totals.conflicts += conflicts.length
    for (const each of folded)
      if (conflicts.includes(each.symbol)) before.set(each.symbol, [...(before.get(each.symbol) ?? []), each])
    return conflicts
  })
  for (const [symbol, error] of exhausted) failed.set(symbol, error)
  return { totals, failed }
}

/** A symbol's state and signals after its bars, not committed yet. */
type Folded = {
  readonly symbol: string
  readonly expectedVersion: number
  readonly state: SymbolAnalysis
  readonly signals: readonly SignalRecord[]
} & Pick<Analysed, 'duplicates' | 'finalized'>

async function foldBars(
  { store, analysis, latenessSeconds, now }: AnalyticsDeps,
  bars: BarsBySymbol,
  { symbols, failed }: { readonly symbols: readonly string[]; readonly failed: Map<string, unknown> },
): Promise<Folded[]> {
  const found = await store.load(symbols)
  const calculatedAt = now()
  return symbols.flatMap((symbol) => {
    const { version, state } = found.get(symbol) ?? { version: 0, state: startSymbol(analysis) }
    try {
      const fold = new BarFold(analysis, state, { latenessSeconds })
      const { signals: minutes, ...counts } = fold.take(bars.get(symbol) ?? [])
      const signals = minutes.flatMap((minute) => toSignalRecords(analysis, minute, { symbol, calculatedAt }))
      return [{ symbol, expectedVersion: version, state, signals, ...counts }]
    } catch (error) {
      failed.set(symbol, error)
      return []
    }
  })
}

/**
 * Withdraws patterns that an attempt before has emitted and that the bars do not have any more: meanwhile the rebuilder has
 * corrected those before them. Values need nothing, as a later revision replaces them all.
 */
function withoutOutdated(folded: Folded, before: readonly Folded[]): Folded {
  const { recent, base } = folded.state
  const emitted = before.flatMap(({ state, signals }) => (state.base === base ? [] : signals))
  if (emitted.length === 0) return folded
  const found = new Map(recent.map((each) => [minuteText(each.bar.start), each.found]))
  const outdated = emitted.flatMap((record): SignalRecord[] => {
    const now = found.get(record.timestamp)
    if (record.type !== 'patterns' || now === undefined) return []
    const withdrawn = record.patterns
      .map(({ pattern_type }) => pattern_type)
      .filter((name) => !now.includes(name))
    return withdrawn.length === 0
      ? []
      : [{ ...record, revision: record.revision + 1, patterns: [], withdrawn }]
  })
  return { ...folded, signals: [...folded.signals, ...outdated] }
}

async function emit(
  { sink }: AnalyticsDeps,
  folded: readonly Folded[],
  totals: AnalysisTotals,
): Promise<void> {
  const records = new Map<string, readonly SignalRecord[]>()
  for (const { symbol, signals, duplicates, finalized } of folded) {
    totals.duplicates += duplicates
    totals.finalized += finalized
    for (const record of signals) addRecord(totals, record)
    if (signals.length > 0) records.set(symbol, signals)
  }
  if (records.size > 0) await sink(records)
}

/** Commits each state. Returns the symbols in conflict. */
async function commit(
  { store }: AnalyticsDeps,
  folded: readonly Folded[],
  failed: Map<string, unknown>,
): Promise<string[]> {
  const conflicts: string[] = []
  const changed = folded.filter(({ signals }) => signals.length > 0)
  await concurrently(changed, COMMITS_AT_ONCE, async ({ symbol, state, expectedVersion }) => {
    try {
      if ((await store.commit(symbol, state, { expectedVersion })).type === 'conflict') conflicts.push(symbol)
    } catch (error) {
      failed.set(symbol, error)
    }
  })
  return conflicts
}

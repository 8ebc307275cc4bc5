import type { KinesisStreamRecord } from 'aws-lambda'

import type { Analysis } from '../domain/analysis.ts'
import { type Analysed, BarFold, type SymbolAnalysis } from '../domain/signals.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import type { SignalRecord } from '../shared/streams/records.ts'
import type { StateStore } from '../shared/dynamodb/state-store.ts'
import { type BarsBySymbol, readBars } from './read-bars.ts'
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
export type AnalysedBatch = {
  readonly totals: AnalysisTotals
  /** Records that are no bars; the bar-writer puts them into the dead-letter bucket. */
  readonly unreadable: number
  /** The first record that could not be handled; everything before it was. */
  readonly firstFailure: { readonly sequenceNumber: string; readonly error: unknown } | undefined
}

const COMMITS_AT_ONCE = 50
const MAX_CONFLICTS = 20

/**
 * Analyses a batch of the stream `bars`: emits, then commits.
 *
 *     load ── take the bars ── emit ── commit
 *                               │        └ conflict: load again; the bars that another took are known and say nothing
 *                               └ a crash after here: the bars come again and say the same, in the same revisions
 *
 * What comes of a bar depends on the bars before it on the stream alone, so it may be emitted twice, and no outbox has
 * to remember what was. That needs the state that the table has: one kept from an earlier batch may lack bars that
 * another instance took.
 *
 * @throws when the stream `signals` refuses, or a state cannot be loaded; the batch may be given again
 */
export async function analyseBars(
  deps: AnalyticsDeps,
  records: readonly KinesisStreamRecord[],
): Promise<AnalysedBatch> {
  const { bars, unreadable } = readBars(records)
  const totals = noTotals()
  const failed = new Map<string, unknown>()
  let left = [...bars.keys()]
  for (let round = 0; left.length > 0; round++) {
    const taken = await takeBars(deps, bars, { symbols: left, failed })
    await emit(deps, taken, totals)
    left = await commit(deps, taken, failed)
    totals.conflicts += left.length
    if (round === MAX_CONFLICTS)
      for (const symbol of left.splice(0))
        failed.set(symbol, new Error(`the state of ${symbol} changed under ${round + 1} commits in a row`))
  }
  const first = [...bars].find(([symbol]) => failed.has(symbol))
  return {
    totals,
    unreadable,
    firstFailure: first && { sequenceNumber: first[1].sequenceNumber, error: failed.get(first[0]) },
  }
}

/** What became of a symbol's bars, not yet in the table. */
type Taken = {
  readonly symbol: string
  readonly expectedVersion: number
  readonly state: SymbolAnalysis
  readonly signals: readonly SignalRecord[]
} & Pick<Analysed, 'known' | 'settled'>

async function takeBars(
  { store, analysis, latenessSeconds, now }: AnalyticsDeps,
  bars: BarsBySymbol,
  { symbols, failed }: { readonly symbols: readonly string[]; readonly failed: Map<string, unknown> },
): Promise<Taken[]> {
  const found = await store.load(symbols)
  const calculatedAt = now()
  return symbols.flatMap((symbol) => {
    const { version, state } = found.get(symbol) ?? { version: 0, state: startSymbol(analysis) }
    try {
      const fold = new BarFold(analysis, state, { latenessSeconds })
      const { signals: minutes, ...counts } = fold.take(bars.get(symbol)?.bars ?? [])
      const signals = minutes.flatMap((minute) => toSignalRecords(analysis, minute, { symbol, calculatedAt }))
      return [{ symbol, expectedVersion: version, state, signals, ...counts }]
    } catch (error) {
      failed.set(symbol, error)
      return []
    }
  })
}

async function emit({ sink }: AnalyticsDeps, taken: readonly Taken[], totals: AnalysisTotals): Promise<void> {
  const records = new Map<string, readonly SignalRecord[]>()
  for (const { symbol, signals, known, settled } of taken) {
    totals.known += known
    totals.settled += settled
    for (const record of signals) addRecord(totals, record)
    if (signals.length > 0) records.set(symbol, signals)
  }
  if (records.size > 0) await sink(records)
}

/** Commits each state; the symbols whose state had changed meanwhile. */
async function commit(
  { store }: AnalyticsDeps,
  taken: readonly Taken[],
  failed: Map<string, unknown>,
): Promise<string[]> {
  const conflicts: string[] = []
  const changed = taken.filter(({ signals }) => signals.length > 0)
  await concurrently(changed, COMMITS_AT_ONCE, async ({ symbol, state, expectedVersion }) => {
    try {
      if ((await store.commit(symbol, state, { expectedVersion })) === 'conflict') conflicts.push(symbol)
    } catch (error) {
      failed.set(symbol, error)
    }
  })
  return conflicts
}

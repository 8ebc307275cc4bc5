import { toPattern } from '../../shared/analysis/pattern-record.ts'
import type { Analysis, FoundPattern } from '../../domain/analysis.ts'
import type { BarRow } from '../bars/bar-row.ts'
import { type BarCut, longest } from '../bars/timeframes.ts'
import type { PatternRow } from '../patterns/pattern-row.ts'
import type { Direction, Span } from '../page/read-plan.ts'
import { patternAnalysisOf } from './analysis-of.ts'
import { closedOf, type Read, readSeries, seriesBarOf } from './read-series.ts'
import { foldBlocks, warmUpOf, WHOLE } from './warm-up.ts'
import type { Sources } from '../endpoint.ts'

type WantedPatterns = {
  readonly symbols: readonly string[]
  readonly types: readonly string[] | undefined
  /** From 0 to 1. */
  readonly confidence: number
  readonly cutOf: (symbol: string) => BarCut
  readonly direction: Direction
}

/** Finds the patterns in the bars of symbols that begin in a span; in the direction, then by symbol and type. */
export function patternsIn(
  sources: Read & Pick<Sources, 'analysis'>,
  { symbols, types, confidence, cutOf, direction }: WantedPatterns,
): (span: Span) => Promise<readonly PatternRow[]> {
  const analysis = patternAnalysisOf(sources.analysis, types)
  const reader = readSeries(sources)
  return async (span) => {
    const found: PatternRow[] = []
    for (const symbol of symbols) {
      const of = { ...cutOf(symbol), symbol }
      // What is found in a bar depends on the few before it only, whichever they are counted from.
      const warmUp = { ...warmUpOf(analysis, of.timeframe), block: longest(of.timeframe) }
      const bars = closedOf(of, await reader.read(of, span), sources.now())
      const before = bars[0] && (await reader.before(of, bars[0].time * 1000, warmUp))
      if (before !== undefined) found.push(...rowsIn(analysis, of.timeframe.name, { before, bars }))
    }
    const sign = direction === 'asc' ? 1 : -1
    return found
      .filter((row) => Number(row.confidence) >= confidence)
      .toSorted((a, b) => sign * (a.time - b.time) || compare(a.symbol, b.symbol) || compare(a.type, b.type))
  }
}

function rowsIn(
  analysis: Analysis,
  timeframe: string,
  { before, bars }: { readonly before: readonly BarRow[]; readonly bars: readonly BarRow[] },
): PatternRow[] {
  const all = [...before, ...bars].map(seriesBarOf)
  let at = 0
  return [...foldBlocks(analysis, WHOLE, { bars: all, from: before.length })].flatMap(({ patterns }) => {
    const bar = bars[at++]
    return bar === undefined ? [] : patterns.map((pattern) => rowOf(pattern, timeframe, bar))
  })
}

function rowOf(found: FoundPattern, timeframe: string, { symbol, time, revision }: BarRow): PatternRow {
  const { pattern_type: type, confidence, direction, strength, pattern_data } = toPattern(found)
  return {
    symbol,
    type,
    time,
    timeframe,
    confidence: String(confidence),
    direction,
    strength,
    revision,
    detected: null,
    data: JSON.stringify(pattern_data),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

import type { Analysis } from '../../domain/analysis.ts'
import type { BarRow } from '../bars/bar-row.ts'
import type { BarCut } from '../bars/timeframes.ts'
import { readPage } from '../bars/read-page.ts'
import type { Sources } from '../endpoint.ts'
import type { FoundIndicators, IndicatorQuery } from '../indicators/read-indicators.ts'
import { MOST_VALUES, placeSchema } from '../indicators/read-indicators.ts'
import type { IndicatorRow } from '../indicators/select-indicators.ts'
import { fitPage } from '../page/fit.ts'
import { pagingOf } from '../page/paging.ts'
import { analysisOf } from './analysis-of.ts'
import { decimalText } from './decimal-text.ts'
import { type BarsOf, closedOf, queryOf, readSeries, seriesBarOf } from './read-series.ts'
import { foldBlocks, type WarmUp, warmUpOf } from './warm-up.ts'

type Computing = Pick<Sources, 'database' | 'now' | 'analysis'>

/** Computes a page of the indicators of a symbol from its bars. */
export async function computeIndicators(
  sources: Computing,
  { cut, cutName, ...query }: IndicatorQuery & { readonly cut: BarCut; readonly cutName: readonly string[] },
): Promise<FoundIndicators> {
  const { symbol, names, direction, asked, sizeOf } = query
  const { span, after, tokenOf } = pagingOf(['indicators', symbol, direction, ...cutName], {
    asked,
    place: placeSchema,
    now: sources.now(),
  })
  const signals = indicatorsOf(sources, { ...cut, symbol }, names)
  const limit = Math.min(query.limit, Math.ceil(MOST_VALUES / signals.analysis.outputs.length))
  const { rows, reached } = await readPage(sources, {
    ...queryOf({ ...cut, symbol }),
    ...span,
    direction,
    limit,
    after: after && { symbol, time: after.time },
  })
  const found = await signals.ofBars(rows.slice(0, limit))
  const rest = rows.length > limit ? (rows[limit - 1]?.time ?? 0) * 1000 : reached?.time
  return {
    span,
    page: (most) => {
      const { rows: fitting, isCut } = fitPage(found, { limit: most, sizeOf })
      const last = fitting.at(-1)
      const next = isCut && last !== undefined ? last.time * 1000 : rest
      return { rows: fitting, nextPageToken: next === undefined ? null : tokenOf({ time: next }) }
    },
  }
}

/** Computes the indicators of the newest bar of a symbol that is over; undefined where it has none. */
export async function computeLatest(
  sources: Computing,
  {
    of,
    names,
    until,
  }: { readonly of: BarsOf; readonly names: readonly string[] | undefined; readonly until: number },
): Promise<IndicatorRow | undefined> {
  const signals = indicatorsOf(sources, of, names)
  // The newest may be filling, and minutes before it that are incomplete.
  const newest = await signals.reader.newest(of, { from: 0, to: until }, 5)
  const last = closedOf(of, newest, sources.now()).slice(0, 1)
  return (await signals.ofBars(last))[0]
}

function indicatorsOf(sources: Computing, of: BarsOf, names: readonly string[] | undefined) {
  const analysis = analysisOf(sources.analysis, names)
  const warmUp = warmUpOf(analysis, of.timeframe)
  const reader = readSeries(sources)
  return {
    analysis,
    reader,
    /** In the order of the bars, which are neighbours; without those that have no values yet. */
    ofBars: async (bars: readonly BarRow[]): Promise<IndicatorRow[]> => {
      const closed = closedOf(of, bars, sources.now())
      const ascending = closed.toSorted((a, b) => a.time - b.time)
      const first = ascending[0]
      if (first === undefined) return []
      const before = await reader.before(of, first.time * 1000, warmUp)
      const rows = rowsOf({ analysis, warmUp, names }, before, ascending)
      return closed[0] === first ? rows : rows.toReversed()
    },
  }
}

function rowsOf(
  {
    analysis,
    warmUp,
    names,
  }: { readonly analysis: Analysis; readonly warmUp: WarmUp; readonly names: readonly string[] | undefined },
  before: readonly BarRow[],
  wanted: readonly BarRow[],
): IndicatorRow[] {
  const places = (names ?? analysis.outputs.toSorted()).map(
    (name) => [name, analysis.outputs.indexOf(name)] as const,
  )
  const bars = [...before, ...wanted].map(seriesBarOf)
  const rows: IndicatorRow[] = []
  let at = 0
  for (const { values } of foldBlocks(analysis, warmUp, { bars, from: before.length })) {
    const bar = wanted[at++]
    const entries = places.flatMap(([name, place]): [string, string][] => {
      const value = values[place] ?? Number.NaN
      return Number.isNaN(value) ? [] : [[name, decimalText(value)]]
    })
    if (bar === undefined || entries.length === 0) continue
    rows.push({ symbol: bar.symbol, time: bar.time, revision: bar.revision, calculated: null, entries })
  }
  return rows
}

import type { BarRow } from '../bars/bar-row.ts'
import type { ReadLimit } from '../bars/read-bars.ts'
import { type BarCut, longest } from '../bars/timeframes.ts'
import { decimalText } from '../computed/decimal-text.ts'
import { closedOf, readSeries, seriesBarOf } from '../computed/read-series.ts'
import { foldBlocks, warmUpOf } from '../computed/warm-up.ts'
import type { Sources } from '../endpoint.ts'
import { DAY_MS } from '../http/times.ts'
import type { Analysis } from '../../domain/analysis.ts'
import type { Timeframe } from '../../domain/calendar/timeframe.ts'
import type { Refolded } from '../../domain/refold.ts'
import { LOOK_BACK_DAYS } from './screened-symbols.ts'
import { BAR_VALUES, type BarValue, type ScreenedRow, type ScreenedValues } from './select-screened.ts'

/** Bars that are looked at for two that are over: the newest may be filling, and minutes before it. */
const NEWEST = 6

/**
 * How far before a time bars of a timeframe are looked for, in milliseconds: where the newest is filling, the second one that is
 * over begins up to three lengths before, and days without a market come to that.
 */
export function lookBackOf(timeframe: Timeframe): number {
  return LOOK_BACK_DAYS * DAY_MS + 3 * longest(timeframe)
}

type ScreenedOf = {
  /** That of the indicators and patterns. */
  readonly analysis: Analysis
  readonly cutOf: (symbol: string) => BarCut
  /** Unix milliseconds: bars begin then or earlier, */
  readonly time: number
  /** and were over by then. */
  readonly closedAt: number
  readonly wanted: ScreenedValues
}

/**
 * Computes the newest two bars of a symbol that are over, newest first, with the values and patterns that a screen names: the
 * same as those of `/v1/indicators` and `/v1/patterns`.
 */
export function computedScreen(
  sources: Pick<Sources, 'database' | 'now'>,
  { analysis, cutOf, time, closedAt, wanted }: ScreenedOf,
): (symbol: string, limit: ReadLimit) => Promise<readonly ScreenedRow[]> {
  const { own, indicators, patterns } = wanted
  return async (symbol, limit) => {
    const of = { ...cutOf(symbol), symbol }
    const reader = readSeries(sources, limit)
    const span = { from: time + 1 - lookBackOf(of.timeframe), to: time + 1 }
    const newest = closedOf(of, await reader.newest(of, span, NEWEST), closedAt).slice(0, 2)
    const bars = newest.toReversed()
    const [first] = bars
    if (first === undefined) return []
    if (indicators.length + patterns.length === 0)
      return newest.map((bar) => rowOf(bar, own, { computed: [], patterns: [] }))
    const warmUp = warmUpOf(analysis, of.timeframe)
    const before = await reader.before(of, first.time * 1000, warmUp)
    const all = [...before, ...bars].map(seriesBarOf)
    const folded = [...foldBlocks(analysis, warmUp, { bars: all, from: before.length })]
    const rows = bars.map((bar, place) => {
      const given = folded[place]
      return rowOf(bar, own, { computed: valuesOf(analysis, given, indicators), patterns: namesOf(given) })
    })
    return rows.toReversed()
  }
}

function valuesOf(
  { outputs }: Analysis,
  given: Refolded | undefined,
  names: readonly string[],
): (string | null)[] {
  return names.map((name) => {
    const value = given?.values[outputs.indexOf(name)] ?? Number.NaN
    return Number.isNaN(value) ? null : decimalText(value)
  })
}

function namesOf(given: Refolded | undefined): string[] {
  return given?.patterns.map(({ pattern }) => pattern.name) ?? []
}

function rowOf(
  bar: BarRow,
  names: readonly BarValue[],
  rest: Pick<ScreenedRow, 'computed' | 'patterns'>,
): ScreenedRow {
  const own = names.map((name) => {
    const value = bar[BAR_VALUES[name]]
    return value === null ? null : String(value)
  })
  return { symbol: bar.symbol, time: bar.time, own, ...rest }
}

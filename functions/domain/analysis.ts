import type { IndicatorState } from './indicators/indicator.ts'
import { type SelectedIndicator, selectIndicators } from './indicators/select.ts'
import { CANDLES_DEPTH } from './patterns/candle.ts'
import { detect } from './patterns/detector.ts'
import type { Detected, Pattern } from './patterns/pattern.ts'
import { selectPatterns } from './patterns/select.ts'
import { copySeries, type Depth, type Series, type SeriesBar, startSeries, zeros } from './series.ts'
import { createVwapDays, longestVwapDay, type VwapAnchor } from './vwap-anchor.ts'
import { addToFrame, beginFrame, createWorkspace, PIECE, type Workspace } from './workspace.ts'

/** Which indicators and patterns run. */
export type Analysis = {
  readonly indicators: readonly SelectedIndicator[]
  readonly patterns: readonly Pattern[]
  /** Names of all values: `rsi_14`. */
  readonly outputs: readonly string[]
  readonly depth: Depth
  /** Seconds that no day of the vwap is longer than. */
  readonly vwapDay: number
  readonly workspace: Workspace
}

/** The state of a symbol after a bar. Plain JSON, changed in place. */
export type AnalysisState = {
  readonly series: Series
  /** In the order of the analysis. */
  readonly indicators: readonly IndicatorState[]
}

/**
 * Creates an analysis from its selections and the anchor of the vwap.
 *
 * @throws SelectionError when a selected indicator or pattern does not exist, or not with these parameters
 */
export function createAnalysis(options: {
  readonly indicators: string
  readonly patterns: string
  readonly vwapAnchor: VwapAnchor
}): Analysis {
  const vwapDayOf = createVwapDays(options.vwapAnchor)
  const indicators = selectIndicators(options.indicators, { vwapDayOf })
  const patterns = selectPatterns(options.patterns)
  const depths: readonly Partial<Depth>[] = [
    CANDLES_DEPTH,
    ...indicators.map(({ indicator }) => indicator.depth),
  ]
  const outputs = indicators.flatMap((each) => each.outputs)
  const depth = {
    closes: Math.max(...depths.map(({ closes = 0 }) => closes)),
    bars: Math.max(...depths.map(({ bars = 0 }) => bars)),
  }
  const workspace = createWorkspace(patterns, outputs.length)
  return { indicators, patterns, outputs, depth, vwapDay: longestVwapDay(options.vwapAnchor), workspace }
}

/** The state before the first bar. */
export function startAnalysis({ indicators, depth }: Analysis): AnalysisState {
  return {
    series: startSeries(depth),
    indicators: indicators.map(({ indicator }) => zeros(indicator.size)),
  }
}

/**
 * Applies the next bar of a symbol to its state, in place.
 *
 * @param values receives the value of each output, in order; NaN where there is none yet
 */
export function takeBar(
  analysis: Analysis,
  { series, indicators }: AnalysisState,
  { bar, values }: { readonly bar: SeriesBar; readonly values: Float64Array },
): void {
  const { frame } = analysis.workspace
  beginFrame(frame, { series, values, stride: 1 })
  addToFrame(frame, bar)
  takeFrame(analysis, indicators, 0)
}

/** Bars in their order, and what receives what they give. */
export type Taking = {
  readonly bars: readonly SeriesBar[]
  /** A column for each output, one behind the other: the value of each bar, NaN where there is none yet. */
  readonly values: Float64Array
  /** Receives for each bar the patterns that it completes; left out where none are looked for. */
  readonly patterns?: (readonly FoundPattern[])[] | undefined
}

/** Fewer bars are taken sooner than a series is copied. */
const FEW = 4

/**
 * Applies the next bars of a symbol to its state, in place: the same to the bit as bar by bar, several times faster where
 * there are many.
 */
export function takeBars(analysis: Analysis, state: AnalysisState, { bars, values, patterns }: Taking): void {
  const { frame, wide, detector, candles } = analysis.workspace
  const isFew = bars.length < FEW
  const series = isFew ? state.series : wide
  const most = isFew ? 1 : PIECE
  if (!isFew) copySeries(state.series, wide)
  for (let first = 0; first < bars.length; first += most) {
    beginFrame(frame, { series, values, stride: bars.length })
    for (const bar of bars.slice(first, first + most)) addToFrame(frame, bar)
    takeFrame(analysis, state.indicators, first)
    if (patterns !== undefined) detect(detector, candles, frame, patterns)
  }
  if (!isFew) copySeries(wide, state.series)
}

/** @param first the place of the first bar of the frame in the columns of values */
function takeFrame(
  { indicators, outputs, workspace: { frame } }: Analysis,
  states: readonly IndicatorState[],
  first: number,
): void {
  const { values, stride } = frame
  const length = frame.to - frame.from
  for (let output = 0; output < outputs.length; output++) {
    const at = output * stride + first
    for (let place = at; place < at + length; place++) values[place] = Number.NaN
  }
  for (let index = 0; index < indicators.length; index++) {
    const selected = indicators[index]
    const own = states[index]
    if (selected !== undefined && own !== undefined)
      selected.indicator.take(own, frame, selected.at * stride + first)
  }
}

/** The values that there are, by name. */
export function nameValues({ outputs }: Analysis, values: ArrayLike<number>): Record<string, number> {
  const named: Record<string, number> = {}
  for (const [index, name] of outputs.entries()) {
    const value = values[index]
    if (value !== undefined && !Number.isNaN(value)) named[name] = value
  }
  return named
}

/** A pattern that a bar completes. */
export type FoundPattern = Detected

/** The patterns that the newest bar completes. */
export function findPatterns(
  { patterns, workspace: { candles, detector } }: Analysis,
  { series }: AnalysisState,
): readonly FoundPattern[] {
  if (patterns.length === 0) return []
  const found: (readonly FoundPattern[])[] = []
  detect(detector, candles, { series, from: series.count - 1, to: series.count }, found)
  return found[0] ?? []
}

/** A copy that shares nothing that is changed in place. */
export function copyState({ series, indicators }: AnalysisState): AnalysisState {
  return {
    series: {
      count: series.count,
      closes: series.closes.slice(),
      starts: series.starts.slice(),
      opens: series.opens.slice(),
      highs: series.highs.slice(),
      lows: series.lows.slice(),
    },
    indicators: indicators.map((own) => own.slice()),
  }
}

import type { IndicatorState } from './indicators/indicator.ts'
import { type SelectedIndicator, selectIndicators } from './indicators/select.ts'
import { type Candles, CANDLES_DEPTH, candlesOf } from './patterns/candle.ts'
import { type Detected, detect, type Pattern } from './patterns/pattern.ts'
import { selectPatterns } from './patterns/select.ts'
import { addBar, type Depth, type Series, type SeriesBar, startSeries, zeros } from './series.ts'
import { createVwapDays, type VwapAnchor } from './vwap-anchor.ts'

/** Which indicators and patterns run. */
export type Analysis = {
  readonly indicators: readonly SelectedIndicator[]
  readonly patterns: readonly Pattern[]
  /** Names of all values: `rsi_14`. */
  readonly outputs: readonly string[]
  readonly depth: Depth
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
  return {
    indicators,
    patterns,
    outputs: indicators.flatMap(({ outputs }) => outputs),
    depth: {
      closes: Math.max(...depths.map(({ closes = 0 }) => closes)),
      bars: Math.max(...depths.map(({ bars = 0 }) => bars)),
    },
  }
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
  { indicators }: Analysis,
  state: AnalysisState,
  { bar, values }: { readonly bar: SeriesBar; readonly values: Float64Array },
): void {
  const { series } = state
  addBar(series, bar)
  values.fill(Number.NaN)
  const frame = { bar, series, values }
  for (let index = 0; index < indicators.length; index++) {
    const selected = indicators[index]
    const own = state.indicators[index]
    if (selected !== undefined && own !== undefined) selected.indicator.next(own, frame, selected.at)
  }
}

/** The values that there are, by name. */
export function nameValues({ outputs }: Analysis, values: Float64Array): Record<string, number> {
  const named: Record<string, number> = {}
  for (const [index, name] of outputs.entries()) {
    const value = values[index]
    if (value !== undefined && !Number.isNaN(value)) named[name] = value
  }
  return named
}

/** A pattern, and the candles that it was found in. */
export type FoundPattern = Detected & { readonly candles: Candles }

/** The patterns that the newest bar completes. */
export function findPatterns({ patterns }: Analysis, { series }: AnalysisState): FoundPattern[] {
  if (patterns.length === 0) return []
  const found: FoundPattern[] = []
  const candles = candlesOf(series)
  for (const pattern of patterns) {
    if (series.count < pattern.bars) continue
    const detected = detect(pattern, candles)
    if (detected !== undefined) found.push({ ...detected, candles })
  }
  return found
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

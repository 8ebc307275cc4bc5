import { type Frame, type IndicatorState, price } from './indicators/indicator.ts'
import { type SelectedIndicator, selectIndicators } from './indicators/select.ts'
import { type Candles, CANDLES_DEPTH, measureCandles, startCandles } from './patterns/candle.ts'
import { createDetector, detect, type Detector } from './patterns/detector.ts'
import type { Detected, Pattern } from './patterns/pattern.ts'
import { selectPatterns } from './patterns/select.ts'
import { addBar, closeAgo, type Depth, type Series, type SeriesBar, startSeries, zeros } from './series.ts'
import { createVwapDays, type VwapAnchor } from './vwap-anchor.ts'

/** Which indicators and patterns run. */
export type Analysis = {
  readonly indicators: readonly SelectedIndicator[]
  readonly patterns: readonly Pattern[]
  /** Names of all values: `rsi_14`. */
  readonly outputs: readonly string[]
  readonly depth: Depth
  readonly workspace: Workspace
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** What is written anew for each bar, so that none needs objects of its own; it says nothing of any symbol. */
type Workspace = {
  readonly candles: Candles
  readonly detector: Detector
  readonly frame: Writable<Frame> & { readonly bar: Writable<SeriesBar> }
  /** For values that nobody asks for. */
  readonly values: Float64Array
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
  const workspace = {
    candles: startCandles(),
    detector: createDetector(patterns),
    frame: startFrame(startSeries(depth)),
    values: new Float64Array(outputs.length),
  }
  return { indicators, patterns, outputs, depth, workspace }
}

function startFrame(series: Series): Workspace['frame'] {
  // Fractions, so that the engine keeps each as a bare double from the start.
  const bar = { start: 0.5, open: 0.5, high: 0.5, low: 0.5, close: 0.5, volume: 0.5, vwap: 0.5 }
  return { bar, closeBefore: 0.5, closePrice: 0.5, series, values: new Float64Array() }
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
  { indicators, workspace: { frame } }: Analysis,
  { series, indicators: states }: AnalysisState,
  { bar, values }: { readonly bar: SeriesBar; readonly values: Float64Array },
): void {
  frame.closeBefore = series.count === 0 ? bar.close : closeAgo(series, 0)
  frame.closePrice = price(bar.close)
  addBar(series, bar)
  for (let place = 0; place < values.length; place++) values[place] = Number.NaN
  copyBar(bar, frame.bar)
  if (frame.series !== series) frame.series = series
  if (frame.values !== values) frame.values = values
  for (let index = 0; index < indicators.length; index++) {
    const selected = indicators[index]
    const own = states[index]
    if (selected !== undefined && own !== undefined) selected.indicator.next(own, frame, selected.at)
  }
}

/** So that to indicators all bars are one object, however they were made: the engine then knows where each price is. */
function copyBar(from: SeriesBar, to: Writable<SeriesBar>): void {
  to.start = from.start
  to.open = from.open
  to.high = from.high
  to.low = from.low
  to.close = from.close
  to.volume = from.volume
  to.vwap = from.vwap
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
): FoundPattern[] {
  if (patterns.length === 0) return []
  measureCandles(candles, series)
  return detect(detector, candles, series.count)
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

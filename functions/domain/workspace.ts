import { type Frame, price } from './indicators/indicator.ts'
import { type Candles, startCandles } from './patterns/candle.ts'
import { createDetector, type Detector } from './patterns/detector.ts'
import type { Pattern } from './patterns/pattern.ts'
import { addBar, type Series, type SeriesBar, startSeries, zeros } from './series.ts'

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** What is written anew for each bar, so that none needs objects of its own; it says nothing of any symbol. */
export type Workspace = {
  readonly candles: Candles
  readonly detector: Detector
  readonly frame: Writable<Frame> & Readonly<Record<'closePrices' | 'volumes' | 'vwaps', number[]>>
  /** Has room for the series of any state, and a piece behind it. */
  readonly wide: Series
  /** For values that nobody asks for. */
  readonly values: Float64Array
}

/** Bars that are taken at once: few enough for all columns to stay in the nearest cache. */
export const PIECE = 512
/** Bars before a piece that a series of a state may hold: the longest period, as a power of two. */
const BEFORE = 512

export function createWorkspace(patterns: readonly Pattern[], outputs: number): Workspace {
  const room = { closes: BEFORE + PIECE - 1, bars: BEFORE + PIECE - 1 }
  const wide = startSeries(room)
  const values = new Float64Array(outputs)
  return {
    candles: startCandles(BEFORE + PIECE),
    detector: createDetector(patterns),
    frame: {
      from: 0,
      to: 0,
      series: wide,
      closePrices: zeros(PIECE),
      volumes: zeros(PIECE),
      vwaps: zeros(PIECE),
      values,
      stride: 1,
    },
    wide,
    values,
  }
}

/** Begins a frame behind the newest bar of a series. */
export function beginFrame(
  frame: Workspace['frame'],
  { series, values, stride }: Pick<Frame, 'series' | 'values' | 'stride'>,
): void {
  frame.from = series.count
  frame.to = series.count
  frame.stride = stride
  // To set what is set already is not free: the garbage collector is told.
  if (frame.series !== series) frame.series = series
  if (frame.values !== values) frame.values = values
}

/** Appends a bar to a frame and its series. */
export function addToFrame(frame: Workspace['frame'], bar: SeriesBar): void {
  const place = frame.to & (PIECE - 1)
  frame.closePrices[place] = price(bar.close)
  frame.volumes[place] = bar.volume
  frame.vwaps[place] = bar.vwap
  addBar(frame.series, bar)
  frame.to++
}

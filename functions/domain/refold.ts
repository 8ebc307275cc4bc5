import {
  type Analysis,
  type AnalysisState,
  copyState,
  type FoundPattern,
  startAnalysis,
  takeBars,
} from './analysis.ts'
import { type SeriesBar, zeros } from './series.ts'

/** What a bar gives. */
export type Refolded = {
  /** Unix seconds. */
  readonly start: number
  /** One for each output of the analysis; NaN where there is none yet. */
  readonly values: readonly number[]
  readonly patterns: readonly FoundPattern[]
}

/** Indicators and patterns of a symbol, made again. */
export class Refold {
  readonly #analysis: Analysis
  readonly #state: AnalysisState
  #last: Refolded | undefined

  constructor(analysis: Analysis, state: AnalysisState = startAnalysis(analysis)) {
    this.#analysis = analysis
    this.#state = state
  }

  /** A copy of the state after the bars that were taken. */
  get state(): AnalysisState {
    return copyState(this.#state)
  }

  /** What the last bar has given. */
  get last(): Refolded | undefined {
    return this.#last
  }

  /** Takes the next bars, and says what each gives. */
  take(bars: readonly SeriesBar[]): Refolded[] {
    const { length } = this.#analysis.outputs
    const values = new Float64Array(length * bars.length)
    const patterns: (readonly FoundPattern[])[] = []
    takeBars(this.#analysis, this.#state, { bars, values, patterns })
    const refolded = bars.map(({ start }, place) => ({
      start,
      values: rowOf(values, { place, bars: bars.length, length }),
      patterns: patterns[place] ?? [],
    }))
    this.#last = refolded.at(-1) ?? this.#last
    return refolded
  }

  /** Takes bars for the sake of those that follow. */
  pass(bars: readonly SeriesBar[]): void {
    const last = bars.at(-1)
    if (last === undefined) return
    const before = bars.slice(0, -1)
    const values = new Float64Array(this.#analysis.outputs.length * before.length)
    takeBars(this.#analysis, this.#state, { bars: before, values })
    this.take([last])
  }

  /**
   * Goes on from what indicators that never forget said after the last bar taken: that depends on bars from before the first
   * one that was taken.
   */
  resume(said: Readonly<Record<string, number>>): void {
    const { indicators, outputs } = this.#analysis
    for (const [index, { indicator, at }] of indicators.entries()) {
      const [own, value, computed] = [
        this.#state.indicators[index],
        said[outputs[at] ?? ''],
        this.#last?.values[at],
      ]
      if (own === undefined || value === undefined || value === computed) continue
      indicator.resume?.(own, value)
    }
  }
}

/** What the columns have for a bar. */
function rowOf(
  columns: Float64Array,
  { place, bars, length }: { readonly place: number; readonly bars: number; readonly length: number },
): number[] {
  const row = zeros(length)
  for (let output = 0; output < length; output++) row[output] = columns[output * bars + place] ?? Number.NaN
  return row
}

/** Bars after which nothing is left of those before in what an analysis gives, but for indicators that never forget. */
export function fadesAfter({ indicators, depth }: Analysis): number {
  const each = indicators.map(({ indicator }) => indicator.fadesAfter).filter(Number.isFinite)
  return Math.max(depth.closes, depth.bars, ...each) + 1
}

import {
  type Analysis,
  type AnalysisState,
  copyState,
  findPatterns,
  type FoundPattern,
  startAnalysis,
  takeBar,
} from './analysis.ts'
import type { SeriesBar } from './series.ts'

/** What a bar gives. */
export type Refolded = {
  /** Unix seconds. */
  readonly start: number
  /** One for each output of the analysis; NaN where there is none yet. */
  readonly values: Float64Array
  readonly patterns: readonly FoundPattern[]
}

/** Indicators and patterns of a symbol, made again bar by bar. */
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

  /** Takes the next bar. */
  take(bar: SeriesBar): Refolded {
    const values = new Float64Array(this.#analysis.outputs.length)
    takeBar(this.#analysis, this.#state, { bar, values })
    this.#last = { start: bar.start, values, patterns: findPatterns(this.#analysis, this.#state) }
    return this.#last
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

/** Bars after which nothing is left of those before in what an analysis gives, but for indicators that never forget. */
export function fadesAfter({ indicators, depth }: Analysis): number {
  const each = indicators.map(({ indicator }) => indicator.fadesAfter).filter(Number.isFinite)
  return Math.max(depth.closes, depth.bars, ...each) + 1
}

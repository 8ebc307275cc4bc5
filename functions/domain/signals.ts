import {
  type Analysis,
  type AnalysisState,
  copyState,
  findPatterns,
  type FoundPattern,
  takeBar,
} from './analysis.ts'
import { MINUTE_SECONDS } from './bar-builder.ts'
import type { SeriesBar } from './series.ts'

/** A revision of a closed minute, as it lies on the stream `bars`. */
export type RevisedBar = {
  readonly bar: SeriesBar
  readonly revision: number
  /** Unix milliseconds of what closed it. */
  readonly closedAt: number
}

/** A minute that a revision may still change. */
export type RecentBar = {
  readonly bar: SeriesBar
  /** That of the bar. */
  readonly barRevision: number
  /** The last that was given to what the minute comes to. */
  readonly revision: number
  /** Names of the patterns found at that revision. */
  readonly found: readonly string[]
}

/** What is known of a symbol. Changed in place. */
export type SymbolAnalysis = {
  /** Before the oldest bar that a revision may still change. */
  readonly settled: AnalysisState
  /** After the newest bar: what comes of `settled` and the recent bars. */
  newest: AnalysisState
  /** Oldest first. */
  readonly recent: RecentBar[]
}

/** What a minute comes to, in one revision. */
export type MinuteSignals = {
  /** Unix seconds. */
  readonly start: number
  readonly revision: number
  readonly closedAt: number
  /** One for each output of the analysis; not a number where there is none yet. */
  readonly values: Float64Array
  readonly patterns: readonly FoundPattern[]
  /** Names of patterns that an earlier revision of this minute had and this one has not. */
  readonly withdrawn: readonly string[]
}

/** What a run of bars came to. */
export type Analysed = {
  readonly signals: readonly MinuteSignals[]
  /** Bars that were known already, in this or a later revision. */
  readonly known: number
  /**
   * Bars of minutes that can change no more: ones that come again after long, or corrections that were allowed to be
   * later than the analysis allows.
   */
  readonly settled: number
}

/**
 * Takes bars of a symbol, in the order of the stream, in place.
 *
 * The newest minute is taken as it comes. A revision of an earlier one, or a minute that only late ticks have made,
 * winds back: that minute and all after it are analysed again, each with its next revision. What comes out for a bar
 * depends on the bars before it on the stream alone, not on how they were batched; so whoever repeats it, repeats
 * himself to the letter.
 */
export class BarFold {
  readonly #analysis: Analysis
  readonly #state: SymbolAnalysis
  readonly #latenessSeconds: number
  readonly #values: Float64Array
  readonly #signals: MinuteSignals[] = []
  #known = 0
  #settled = 0

  constructor(
    analysis: Analysis,
    state: SymbolAnalysis,
    { latenessSeconds }: { readonly latenessSeconds: number },
  ) {
    this.#analysis = analysis
    this.#state = state
    this.#latenessSeconds = latenessSeconds
    this.#values = new Float64Array(analysis.outputs.length)
  }

  take(bars: readonly RevisedBar[]): Analysed {
    for (const bar of bars) this.#takeOne(bar)
    return { signals: this.#signals, known: this.#known, settled: this.#settled }
  }

  #takeOne(revised: RevisedBar): void {
    const { recent, settled } = this.#state
    const { start } = revised.bar
    const index = recent.findIndex(({ bar }) => bar.start >= start)
    const at = recent[index]
    if (settled.series.count > 0 && start <= newestStart(settled)) this.#settled++
    else if (at === undefined) this.#append(revised)
    else if (at.bar.start === start) {
      if (revised.revision <= at.barRevision) this.#known++
      else this.#rewind(revised, { index, before: at })
    } else this.#rewind(revised, { index, before: undefined })
  }

  #append({ bar, revision, closedAt }: RevisedBar): void {
    const { recent, settled } = this.#state
    this.#emit({ bar, barRevision: revision, revision, found: [] }, { index: recent.length, closedAt })
    const oldest = bar.start - this.#latenessSeconds - MINUTE_SECONDS
    while (recent[0] !== undefined && recent[0].bar.start <= oldest) {
      this.#step(settled, recent[0].bar)
      recent.shift()
    }
  }

  /** Puts a bar at its place among the recent ones, instead of `before` if that minute had one. */
  #rewind(
    { bar, revision: barRevision, closedAt }: RevisedBar,
    { index, before }: { readonly index: number; readonly before: RecentBar | undefined },
  ): void {
    const { recent } = this.#state
    const later = recent.slice(before === undefined ? index : index + 1)
    this.#state.newest = copyState(this.#state.settled)
    recent.length = index
    for (const earlier of recent) this.#step(this.#state.newest, earlier.bar)
    const revision = before === undefined ? barRevision : Math.max(before.revision + 1, barRevision)
    this.#emit({ bar, barRevision, revision, found: before?.found ?? [] }, { index, closedAt })
    for (const [offset, each] of later.entries())
      this.#emit({ ...each, revision: each.revision + 1 }, { index: index + 1 + offset, closedAt })
  }

  /** Takes the next bar into the newest state; `found` is what was found in it before. */
  #emit(entry: RecentBar, { index, closedAt }: { readonly index: number; readonly closedAt: number }): void {
    const { newest, recent } = this.#state
    this.#step(newest, entry.bar)
    const patterns = findPatterns(this.#analysis, newest)
    const found = patterns.map(({ pattern }) => pattern.name)
    recent[index] = { ...entry, found }
    this.#signals.push({
      start: entry.bar.start,
      revision: entry.revision,
      closedAt,
      values: this.#values.slice(),
      patterns,
      withdrawn: entry.found.filter((name) => !found.includes(name)),
    })
  }

  #step(state: AnalysisState, bar: SeriesBar): void {
    takeBar(this.#analysis, state, { bar, values: this.#values })
  }
}

function newestStart({ series }: AnalysisState): number {
  return series.starts[(series.count - 1) & (series.starts.length - 1)] ?? 0
}

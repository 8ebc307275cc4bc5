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

/** A bar as it was read from the stream `bars`. */
export type RevisedBar = {
  readonly bar: SeriesBar
  readonly revision: number
  /** Unix milliseconds of what closed it. */
  readonly closedAt: number
}

/** A bar that is not finalized: a revision may still change it. */
export type RecentBar = {
  readonly bar: SeriesBar
  /** The revision of the bar. */
  readonly barRevision: number
  /** The last revision of the minute's signals. */
  readonly revision: number
  /** Names of the patterns found at that revision. */
  readonly found: readonly string[]
}

/** The analysis state of a symbol. Changed in place. */
export type SymbolAnalysis = {
  /** After the newest finalized bar, before the recent bars. */
  readonly finalized: AnalysisState
  /** After the newest bar: `finalized` and the recent bars applied. */
  newest: AnalysisState
  /** Oldest first. */
  readonly recent: RecentBar[]
}

/** The signals of a minute, in one revision. */
export type MinuteSignals = {
  /** Unix seconds. */
  readonly start: number
  readonly revision: number
  readonly closedAt: number
  /** One for each output of the analysis; NaN where there is none yet. */
  readonly values: Float64Array
  readonly patterns: readonly FoundPattern[]
  /** Names of patterns that an earlier revision of this minute had and this one has not. */
  readonly withdrawn: readonly string[]
}

/** The result of applying bars. */
export type Analysed = {
  readonly signals: readonly MinuteSignals[]
  /** Bars that were already applied, in this or a later revision. */
  readonly duplicates: number
  /**
   * Bars of finalized minutes, which are ignored: redelivered long after, or corrected under a larger lateness than that
   * of the analysis.
   */
  readonly finalized: number
}

/**
 * Applies bars of a symbol to its state, in the order of the stream, in place.
 *
 * A new newest minute is appended. A revision of an earlier minute, or a minute that consists of late trades only,
 * rewinds: that minute and all after it are analysed again, each with its next revision. The signals of a bar depend
 * only on the bars before it on the stream, not on how they were batched, so repeating a batch repeats the same signals.
 */
export class BarFold {
  readonly #analysis: Analysis
  readonly #state: SymbolAnalysis
  readonly #latenessSeconds: number
  readonly #values: Float64Array
  readonly #signals: MinuteSignals[] = []
  #duplicates = 0
  #finalized = 0

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
    return { signals: this.#signals, duplicates: this.#duplicates, finalized: this.#finalized }
  }

  #takeOne(revised: RevisedBar): void {
    const { recent, finalized } = this.#state
    const { start } = revised.bar
    const index = recent.findIndex(({ bar }) => bar.start >= start)
    const at = recent[index]
    if (finalized.series.count > 0 && start <= newestStart(finalized)) this.#finalized++
    else if (at === undefined) this.#append(revised)
    else if (at.bar.start === start) {
      if (revised.revision <= at.barRevision) this.#duplicates++
      else this.#rewind(revised, { index, before: at })
    } else this.#rewind(revised, { index, before: undefined })
  }

  #append({ bar, revision, closedAt }: RevisedBar): void {
    const { recent, finalized } = this.#state
    this.#emit({ bar, barRevision: revision, revision, found: [] }, { index: recent.length, closedAt })
    const oldest = bar.start - this.#latenessSeconds - MINUTE_SECONDS
    while (recent[0] !== undefined && recent[0].bar.start <= oldest) {
      this.#step(finalized, recent[0].bar)
      recent.shift()
    }
  }

  /** Inserts a bar among the recent ones, or replaces `before`, the bar that its minute had. */
  #rewind(
    { bar, revision: barRevision, closedAt }: RevisedBar,
    { index, before }: { readonly index: number; readonly before: RecentBar | undefined },
  ): void {
    const { recent } = this.#state
    const later = recent.slice(before === undefined ? index : index + 1)
    this.#state.newest = copyState(this.#state.finalized)
    recent.length = index
    for (const earlier of recent) this.#step(this.#state.newest, earlier.bar)
    const revision = before === undefined ? barRevision : Math.max(before.revision + 1, barRevision)
    this.#emit({ bar, barRevision, revision, found: before?.found ?? [] }, { index, closedAt })
    for (const [offset, each] of later.entries())
      this.#emit({ ...each, revision: each.revision + 1 }, { index: index + 1 + offset, closedAt })
  }

  /** Applies the next bar to the newest state; `entry.found` names the patterns of its previous revision. */
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

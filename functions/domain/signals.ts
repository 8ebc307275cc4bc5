import {
  type Analysis,
  type AnalysisState,
  copyState,
  findPatterns,
  type FoundPattern,
  takeBar,
} from './analysis.ts'
import { MINUTE_SECONDS } from './bar-builder.ts'
import { type SeriesBar, zeros } from './series.ts'

/** A bar as it was read from the stream `bars`. */
export type RevisedBar = {
  readonly bar: SeriesBar
  readonly revision: number
  /** All of its trades were cancelled: it is no bar any more. */
  readonly withdrawn: boolean
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
  /** It is no bar any more, and only kept so that the next revision of its minute is known. */
  readonly withdrawn: boolean
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
  /**
   * By how much revisions of new signals are above those of their bars: grows whenever the finalized bars were corrected by
   * another than this fold, so that what was computed from them before is outdated.
   */
  readonly base: number
}

/** The signals of a minute, in one revision. */
export type MinuteSignals = {
  /** Unix seconds. */
  readonly start: number
  readonly revision: number
  readonly closedAt: number
  /** One for each output of the analysis; NaN where there is none yet. */
  readonly values: readonly number[] | Float64Array
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
 * rewinds: that minute and all after it are analysed again, each with its next revision; so does a bar that is withdrawn,
 * which gets signals without values. The signals of a bar depend
 * only on the bars before it on the stream, not on how they were batched, so repeating a batch repeats the same signals.
 */
export class BarFold {
  readonly #analysis: Analysis
  readonly #state: SymbolAnalysis
  readonly #latenessSeconds: number
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

  #append({ bar, revision, withdrawn, closedAt }: RevisedBar): void {
    const { recent, finalized } = this.#state
    const own = revision + this.#state.base
    const entry = { bar, barRevision: revision, revision: own, withdrawn, found: [] }
    this.#emit(entry, { index: recent.length, closedAt })
    const oldest = bar.start - this.#latenessSeconds - MINUTE_SECONDS
    // One that is withdrawn stays until a later one is finalized, by which its older revisions are known to be outdated.
    const last = recent.findLastIndex((each) => each.bar.start <= oldest && !each.withdrawn)
    for (let left = last; left >= 0; left--) {
      const each = recent.shift()
      if (each !== undefined && !each.withdrawn) this.#step(finalized, each.bar)
    }
  }

  /** Inserts a bar among the recent ones, or replaces `before`, the bar that its minute had. */
  #rewind(
    { bar, revision: barRevision, withdrawn, closedAt }: RevisedBar,
    { index, before }: { readonly index: number; readonly before: RecentBar | undefined },
  ): void {
    const { recent } = this.#state
    const later = recent.slice(before === undefined ? index : index + 1)
    this.#state.newest = copyState(this.#state.finalized)
    recent.length = index
    for (const earlier of recent) if (!earlier.withdrawn) this.#step(this.#state.newest, earlier.bar)
    const revision = Math.max((before?.revision ?? 0) + 1, barRevision + this.#state.base)
    const entry = { bar, barRevision, revision, withdrawn, found: before?.found ?? [] }
    this.#emit(entry, { index, closedAt })
    for (const [offset, each] of later.entries()) {
      const place = index + 1 + offset
      if (each.withdrawn) recent[place] = each
      else this.#emit({ ...each, revision: each.revision + 1 }, { index: place, closedAt })
    }
  }

  /** Applies the next bar to the newest state; `entry.found` names the patterns of its previous revision. */
  #emit(entry: RecentBar, { index, closedAt }: { readonly index: number; readonly closedAt: number }): void {
    const { newest, recent } = this.#state
    const { values } = this.#analysis.workspace
    if (entry.withdrawn) values.fill(Number.NaN)
    else this.#step(newest, entry.bar)
    const patterns = entry.withdrawn ? [] : findPatterns(this.#analysis, newest)
    const found = patterns.map(({ pattern }) => pattern.name)
    const { bar, barRevision, revision, withdrawn } = entry
    recent[index] = { bar, barRevision, revision, withdrawn, found }
    this.#signals.push({
      start: entry.bar.start,
      revision: entry.revision,
      closedAt,
      values: copyOf(values),
      patterns,
      withdrawn: entry.found.filter((name) => !found.includes(name)),
    })
  }

  #step(state: AnalysisState, bar: SeriesBar): void {
    takeBar(this.#analysis, state, { bar, values: this.#analysis.workspace.values })
  }
}

/** A list, which takes a tenth of the time to make that a typed array takes. */
function copyOf(values: Float64Array): number[] {
  const copy = zeros(values.length)
  for (let place = 0; place < values.length; place++) copy[place] = values[place] ?? Number.NaN
  return copy
}

function newestStart({ series }: AnalysisState): number {
  return series.starts[(series.count - 1) & (series.starts.length - 1)] ?? 0
}

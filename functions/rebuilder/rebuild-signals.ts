import { toSeriesBar } from '../shared/analysis/series-bar.ts'
import type { SignalSink } from '../analytics/signal-stream.ts'
import { startSymbol } from '../analytics/state-codec.ts'
import type { Analysis } from '../domain/analysis.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'
import type { SymbolAnalysis } from '../domain/signals.ts'
import type { StateStore } from '../shared/dynamodb/state-store.ts'
import type { SignalRecord } from '../shared/streams/records.ts'
import { isAsStored, recordsOf } from './compare-signals.ts'
import { correctedState, finalizedUntil } from './corrected-state.ts'
import { fadesAfter, Refold } from '../domain/refold.ts'
import type { SignalPlace } from './signal-place.ts'
import { placeOf, stateAt } from './signal-place-codec.ts'
import type { Span, StoredBar, StoredBars } from './stored-bars.ts'
import type { StoredSignals } from './stored-signals.ts'
import { untilWritten } from './until-written.ts'

export type SignalDeps = {
  readonly analysis: Analysis
  readonly latenessSeconds: number
  readonly stored: StoredBars
  readonly signals: StoredSignals
  /** The table `indicator-state`. */
  readonly states: StateStore<SymbolAnalysis>
  /** Puts records on the stream `signals`. */
  readonly emit: SignalSink
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Days of stored bars that a call reads, of all its symbols together. @default 366 */
  readonly daysPerCall?: number
}

/** From which minute on (Unix seconds) signals are made again, up to now; `place` is where the call before ended. */
export type SignalTask = {
  readonly symbols: readonly string[]
  readonly from: number
  readonly place?: SignalPlace | undefined
}

/** What became of the minutes; with a place the task goes on there. */
export type RebuiltSignals = {
  readonly signals: number
  readonly 'signals-unchanged': number
  readonly place?: SignalPlace
}

/** The signals of a symbol could not be made again. */
export class SignalsError extends Error {
  override readonly name = 'SignalsError'
}

const DAY = 86_400
/** A year of minutes takes a tenth of the time that a call may. */
const DAYS_PER_CALL = 366
/** The analytics part may be faster than this function at each attempt, but never for long. */
const ATTEMPTS = 20

/**
 * Makes indicators and patterns of some symbols again from the stored bars, puts those that differ from the stored ones on
 * `signals`, and corrects the state from which the analytics part goes on. A call reads so many days, one at a time; then it
 * answers with its place.
 *
 * @throws SignalsError naming the symbol; those before it are done
 */
export async function rebuildSignals(
  deps: SignalDeps,
  { symbols, from, place }: SignalTask,
): Promise<RebuiltSignals> {
  const totals = { signals: 0, 'signals-unchanged': 0 }
  const left = { days: deps.daysPerCall ?? DAYS_PER_CALL }
  const names = [...new Set(symbols)]
  for (const symbol of names.slice(place && Math.max(0, names.indexOf(place.symbol))))
    try {
      const before = place?.symbol === symbol ? place : undefined
      const reached = await rebuildSymbol(deps, { symbol, from, totals, left }, before)
      if (reached !== undefined) return { ...totals, place: reached }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new SignalsError(`signals of ${symbol}: ${reason}`, { cause })
    }
  return totals
}

type OfSymbol = {
  readonly symbol: string
  readonly from: number
  readonly totals: { signals: number; 'signals-unchanged': number }
  /** What the call may still read. */
  readonly left: { days: number }
}

/** The place where it had to end; undefined when it is done. */
async function rebuildSymbol(
  deps: SignalDeps,
  of: OfSymbol,
  place: SignalPlace | undefined,
): Promise<SignalPlace | undefined> {
  const { analysis, states } = deps
  const { symbol, totals } = of
  let walk = place && Walk.from(deps, of, place)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = (await states.load([symbol])).get(symbol)
    if (found !== undefined) await untilWritten(deps, symbol, found.state.recent)
    const until = await lastFinalized(deps, symbol, found?.state)
    if (until === undefined) return undefined
    // A late trade has made a bar before those that were the recent ones.
    if (walk === undefined || walk.last > until) walk = await startWalk(deps, of, until)
    if (!(await walk.take(until))) return walk.place
    const given = { analysis, symbol, finalized: walk.fold.state, now: deps.now() }
    const last = found?.state.recent.at(-1)?.bar.start ?? until + deps.latenessSeconds + MINUTE_SECONDS
    const stored = await walk.recent({ from: until + 1, to: last + MINUTE_SECONDS })
    const { state, version: expectedVersion } = found ?? { state: startSymbol(analysis), version: 0 }
    const corrected = correctedState(state, stored, given)
    if (corrected === undefined) return undefined
    if ((await states.commit(symbol, corrected.state, { expectedVersion })).type !== 'committed') continue
    // A crash before it leaves stored signals that are not those of their bars, which the task notices when it comes again.
    await deps.emit(new Map([[symbol, corrected.records]]))
    totals.signals += corrected.minutes
    return undefined
  }
  throw new Error('the analytics part has committed another state at each attempt: give the command again')
}

/** The last minute that is finalized in a state, or without one as of the stored bars; undefined where there are none. */
async function lastFinalized(
  { stored, latenessSeconds }: SignalDeps,
  symbol: string,
  state: SymbolAnalysis | undefined,
): Promise<number | undefined> {
  if (state !== undefined) return finalizedUntil(state, latenessSeconds)
  const newest = (await stored.newest([symbol])).get(symbol)
  return newest === undefined ? undefined : newest - latenessSeconds - MINUTE_SECONDS
}

/** Begins where the bars begin on which something depends that bars of the task, or those after `until`, give. */
async function startWalk(deps: SignalDeps, of: OfSymbol, until: number): Promise<Walk> {
  const first = Math.min(of.from, until + 1)
  const start = await deps.stored.startBefore(of.symbol, first, fadesAfter(deps.analysis))
  return new Walk(deps, of, start === undefined ? first : Math.min(start, first - deps.analysis.vwapDay))
}

/** Takes the stored bars of a symbol in their order, a day at a time, and puts the signals that differ. */
class Walk {
  readonly fold: Refold
  readonly #deps: SignalDeps
  readonly #of: OfSymbol
  /** The last bar that a call before has taken; Unix seconds. */
  readonly #lastBefore: number
  /** Unix seconds: bars before it were taken. */
  #next: number

  constructor(
    deps: SignalDeps,
    of: OfSymbol,
    begin: number,
    { fold = new Refold(deps.analysis), last = -Infinity } = {},
  ) {
    this.#deps = deps
    this.#of = of
    this.#next = begin
    this.#lastBefore = last
    this.fold = fold
  }

  /** Goes on at a place; undefined where that cannot be. */
  static from(deps: SignalDeps, of: OfSymbol, place: SignalPlace): Walk | undefined {
    const state = stateAt(deps.analysis, place)
    if (state === undefined) return undefined
    const fold = new Refold(deps.analysis, state)
    return new Walk(deps, of, place.next, { fold, last: place.last ?? -Infinity })
  }

  get place(): SignalPlace {
    const last = this.last === -Infinity ? null : this.last
    return placeOf(this.#deps.analysis, { symbol: this.#of.symbol, next: this.#next, last }, this.fold.state)
  }

  /** The start of the last bar that was taken; Unix seconds. */
  get last(): number {
    return this.fold.last?.start ?? this.#lastBefore
  }

  /** Takes bars up to the one that starts at `until`, which included; false when the call may read no more. */
  async take(until: number): Promise<boolean> {
    const { from, left } = this.#of
    while (this.#next <= until) {
      if (left.days-- <= 0) return false
      const isBefore = this.#next < from
      const end = Math.min(this.#next - (this.#next % DAY) + DAY, until + 1, isBefore ? from : Infinity)
      const span = { from: this.#next, to: end }
      if (isBefore) await this.#warmUp(span)
      else await this.#takeSpan(span)
      this.#next = end
    }
    return true
  }

  /** The bars of a span that are stored, and their signals; imported bars are left out. */
  async recent(span: Span) {
    const bars = (await this.#bars(span)).filter(({ source }) => source === null)
    return { bars, signals: await this.#deps.signals(this.#of.symbol, span) }
  }

  async #bars(span: Span): Promise<readonly StoredBar[]> {
    const { symbol } = this.#of
    const bars = (await this.#deps.stored.read([symbol], span)).get(symbol)
    return [...(bars?.values() ?? [])].toSorted((one, other) => one.start - other.start)
  }

  async #warmUp(span: Span): Promise<void> {
    const bars = (await this.#bars(span)).filter(givesSignals).map(toSeriesBar)
    const last = bars.at(-1)?.start
    if (last === undefined) return
    this.fold.pass(bars)
    // That of the last bar before the first that is compared counts.
    const said = await this.#deps.signals(this.#of.symbol, { from: last, to: last + MINUTE_SECONDS })
    this.fold.resume(said.get(last)?.values ?? {})
  }

  async #takeSpan(span: Span): Promise<void> {
    const { symbol, totals } = this.#of
    const stored = await this.#deps.signals(symbol, span)
    const bars = (await this.#bars(span)).filter(givesSignals)
    const refolds = this.fold.take(bars.map(toSeriesBar))
    const made = new Map(bars.map((bar, place) => [bar.start, { bar, refolded: refolds[place] }]))
    const records: SignalRecord[] = []
    const starts = [...new Set([...made.keys(), ...stored.keys()])].toSorted((one, other) => one - other)
    for (const start of starts) {
      const { bar, refolded } = made.get(start) ?? {}
      const comparing = { analysis: this.#deps.analysis, symbol, now: this.#deps.now() }
      const minute = { start, made: refolded, stored: stored.get(start) }
      const { revision: said = 0 } = minute.stored ?? {}
      // The analytics part gives signals at least the revision of their bar: those of a lower one may be on their way.
      const least = bar?.revision ?? 0
      const isSame = said >= least && isAsStored(minute, comparing)
      totals[isSame ? 'signals-unchanged' : 'signals']++
      const revision = Math.max(said, least) + 1
      if (!isSame) records.push(...recordsOf(minute, { revision }, comparing))
    }
    if (records.length > 0) await this.#deps.emit(new Map([[symbol, records]]))
  }
}

/** The analytics part leaves imported bars out, too. */
function givesSignals({ withdrawn, source }: StoredBar): boolean {
  return !withdrawn && source === null
}

import {
  addTrades,
  type BarBuilder,
  copyBar,
  hasPrices,
  MINUTE_SECONDS,
  minuteOf,
  startBar,
} from './bar-builder.ts'
import { formatDecimal } from './decimal.ts'
import {
  admissionOf,
  ageGaps,
  type Gap,
  isMissingFrom,
  type LineState,
  MAX_LINES,
  mayHold,
  missingIn,
  startLine,
  takeId,
} from './lines.ts'
import {
  ANY_SHARD,
  type AppliedChange,
  MAX_CHANGES,
  MAX_PRODUCERS,
  MAX_SHARDS,
  type MinuteState,
  type PendingBar,
  type ProducerPlace,
  type ShardPlace,
  type Touched,
} from './minute-state.ts'
import { removeTrade } from './remove-trade.ts'
import {
  compareSequenceNumbers,
  countOf,
  NO_ID,
  type Trade,
  tradeAt,
  type TradeRun,
  type Trades,
  tradesFrom,
} from './trade.ts'

/** What can happen to a symbol. Time is always an argument: `now` is Unix milliseconds, wall clock. */
export type SymbolEvent =
  | { readonly type: 'trades'; readonly now: number; readonly runs: readonly TradeRun[] }
  /**
   * Time has passed. `stream`: all that the symbol's shard took until `now` has been given; `wall`: perhaps not, but for
   * the time that the last trade had waited.
   */
  | { readonly type: 'clock'; readonly now: number; readonly clock: 'stream' | 'wall' }
  | { readonly type: 'flush'; readonly now: number }
  /** The first `count` bars of the outbox are on the stream `bars`. */
  | { readonly type: 'emitted'; readonly count: number }

export type Rules = {
  /**
   * How much older than the symbol's newest trade a trade of a closed minute may be, in seconds. A minute that was
   * finalized stays so when this is raised.
   */
  readonly latenessSeconds: number
  /** How long no trade must have been applied to a minute that is over before the clock closes it, in ms. */
  readonly graceMs: number
  /** What becomes of a trade that comes when its minute has closed, within the lateness. @default correct */
  readonly lateTrades?: 'correct' | 'refuse'
  /** Bars in the outbox from which on no trade is taken before they are emitted. @default Infinity */
  readonly maxPending?: number
}

/** What an event came to, beside the state. */
export type Outcome = {
  applied: number
  /** Trades applied to a minute after it had closed; part of `applied`. */
  late: number
  duplicates: number
  /** Taken for duplicates, being below all that their growing line remembers. */
  uncertain: number
  /** Trades of contiguous lines that never came within the lateness, or whose gap could not be remembered. */
  missing: number
  /** Cancels and corrections that changed a bar. */
  changed: number
  /** Closed for the first time. */
  completed: number
  revised: number
  /** Bars emitted that lack trades; part of `completed` and `revised`. */
  incomplete: number
  readonly refused: RefusedTrade[]
}

/** Why a trade that can be read is not applied. */
export type RefusedReason =
  /** Older than the allowed lateness, its minute being finalized. */
  | 'too-late'
  /** Its minute has closed, and late trades are refused. */
  | 'corrections-off'
  /** Its minute was finalized before the lateness was raised. */
  | 'finalized'
  /** More producers, lines, shards or changes at once than the state remembers. */
  | 'too-many-sources'
  | 'too-many-lines'
  | 'too-many-shards'
  | 'too-many-changes'
  /** The trade that a cancel or correction names is in no bar of its minute. */
  | 'unknown-trade'

/** A trade that was not applied, and never merged into another minute. `index` is its place among the trades of the run. */
export type RefusedTrade = {
  readonly run: TradeRun
  readonly index: number
  readonly reason: RefusedReason
  readonly behindSeconds: number
}

type Evolved = {
  readonly state: MinuteState
  readonly outcome: Outcome
  readonly rest: SymbolEvent | undefined
}

/**
 * The one place where the state of a symbol changes: the next state, and what it took.
 *
 * The bars that an event completes are appended to the outbox of the state that it returns, so that committing the
 * state commits the bars. `rest` is the event that is left when they became too many for one state: to be given once
 * they are emitted.
 */
export function evolve(state: MinuteState, event: SymbolEvent, rules: Rules): Evolved {
  if (event.type === 'emitted') {
    const outbox = state.outbox.slice(event.count)
    return { state: { ...state, outbox }, outcome: noOutcome(), rest: undefined }
  }
  const fold = new SymbolFold(state, rules, event.now)
  let rest: SymbolEvent | undefined
  switch (event.type) {
    case 'trades':
      rest = takeRuns(fold, event)
      break
    case 'clock':
      fold.clock(event.now, event.clock)
      break
    case 'flush':
      fold.close(event.now)
      break
  }
  return { ...fold.end(), rest }
}

/** Takes runs until the outbox is full; the event with those that are left. */
function takeRuns(fold: SymbolFold, event: SymbolEvent & { type: 'trades' }): SymbolEvent | undefined {
  for (const [index, run] of event.runs.entries()) {
    const left = fold.run(run)
    if (left !== undefined) return { ...event, runs: [left, ...event.runs.slice(index + 1)] }
  }
  return undefined
}

/** Nothing has happened. */
export function noOutcome(): Outcome {
  return {
    applied: 0,
    late: 0,
    duplicates: 0,
    uncertain: 0,
    missing: 0,
    changed: 0,
    completed: 0,
    revised: 0,
    incomplete: 0,
    refused: [],
  }
}

/**
 * How long the clock waits for a minute whose trades came more than the lateness after their own time: they are played
 * in from a record, and a machine that is slow at it must not make corrections.
 */
const REPLAY_GRACE_MS = 30_000

/** Unix milliseconds from which the wall clock closes the open minute; undefined when none is open. */
export function closesAt(state: MinuteState, rules: Rules): number | undefined {
  if (state.open === undefined) return undefined
  return dueAt(state.open, state.touched, rules) + state.touched.lagMs
}

/** The same by the clock of the stream: the arrival of what was given last. */
function dueAt(open: BarBuilder, { arrivedAt, delayMs }: Touched, rules: Rules): number {
  const isReplayed = delayMs > rules.latenessSeconds * 1000
  const graceMs = isReplayed ? Math.max(rules.graceMs, REPLAY_GRACE_MS) : rules.graceMs
  return Math.max(endOf(open), arrivedAt + graceMs)
}

/** Unix milliseconds of the end of a minute. */
function endOf({ start }: BarBuilder): number {
  return (start + MINUTE_SECONDS) * 1000
}

/** The trades of a run from a place on, those before it being applied. */
function later(run: TradeRun, place: number): TradeRun {
  return {
    ...run,
    skipped: (run.skipped ?? 0) + place,
    isContinued: true,
    trades: tradesFrom(run.trades, place),
    replacements: run.replacements?.slice(place),
  }
}

/** Where a trade goes by its time. */
type Destination = 'open' | 'later' | 'closed' | RefusedReason

/** A draft of the next state; lives for one event and never leaves this file. */
class SymbolFold {
  readonly #rules: Rules
  readonly #now: number
  #shards: readonly ShardPlace[]
  #producers: readonly ProducerPlace[]
  #lines: readonly LineState[]
  /** The same lists once this event has changed them, as a batch may bring many records. */
  #placed: { readonly shards: ShardPlace[]; readonly producers: ProducerPlace[] } | undefined
  #changes: readonly AppliedChange[]
  #newestSeconds: number
  #newestNanos: number
  /** As it was before the event. */
  readonly #touched: Touched
  #touchedAt: number | undefined
  #touchedSeconds = 0
  #open: BarBuilder | undefined
  #closed: BarBuilder[]
  readonly #keptFrom: number
  /** Closed minutes that were changed since the last close, with the arrival of the last change. */
  readonly #corrected = new Map<BarBuilder, number>()
  readonly #outbox: PendingBar[]
  readonly #outcome = noOutcome()

  constructor(state: MinuteState, rules: Rules, now: number) {
    this.#rules = rules
    this.#now = now
    this.#shards = state.shards
    this.#producers = state.producers
    this.#lines = state.lines
    this.#changes = state.changes
    this.#newestSeconds = state.newest.seconds
    this.#newestNanos = state.newest.nanos
    this.#touched = state.touched
    this.#open = state.open && copyBar(state.open)
    this.#closed = [...state.closed]
    this.#keptFrom = state.keptFrom
    this.#outbox = [...state.outbox]
  }

  /** Applies a run; what is left of it when the outbox became full. */
  run(given: TradeRun): TradeRun | undefined {
    const { maxPending = Infinity } = this.#rules
    if (this.#outbox.length >= maxPending) return given
    const run = this.#unseen(given)
    if (run === undefined) return undefined
    this.clock(run.arrivedAt, 'stream')
    const taken = run.type === 'trade' ? this.#takeTrades(run) : this.#takeChanges(run)
    const isWhole = taken === countOf(run.trades)
    this.#place(run, isWhole && (run.isLast ?? true) ? 0 : (run.skipped ?? 0) + taken)
    return isWhole ? undefined : later(run, taken)
  }

  /** The trades of a run that are not applied yet; undefined when none is left. */
  #unseen(run: TradeRun): TradeRun | undefined {
    const { skipped = 0 } = run
    const place =
      this.#shards.find(({ shard }) => shard === run.shard) ??
      this.#shards.find(({ shard }) => shard === ANY_SHARD)
    const order = place === undefined ? 1 : compareSequenceNumbers(run.sequenceNumber, place.sequenceNumber)
    const applied = order === 0 && place !== undefined && place.taken > 0 ? place.taken - skipped : undefined
    if (order < 0 || (order === 0 && (applied === undefined || applied >= countOf(run.trades)))) {
      this.#outcome.duplicates += countOf(run.trades)
      return undefined
    }
    if (applied !== undefined && applied > 0) return later(run, applied)
    // Its producer's number was noted with its first trades.
    if (applied === 0 && run.isContinued === true) return run
    if (place === undefined && !this.#hasRoom('too-many-shards', run, this.#shards, MAX_SHARDS))
      return undefined
    return this.#isFromProducerAnew(run) ? run : undefined
  }

  /** Notes how far a run has been applied, and its producer's number. */
  #place({ shard, sequenceNumber, producer }: TradeRun, taken: number): void {
    const seconds = this.#newestSeconds
    if (this.#placed === undefined) {
      this.#placed = {
        shards: this.#shards.filter((each) => each.shard !== ANY_SHARD),
        producers: [...this.#producers],
      }
      this.#shards = this.#placed.shards
      this.#producers = this.#placed.producers
    }
    const { shards, producers } = this.#placed
    if (producer !== undefined) {
      const { source, sequence } = producer
      const index = producers.findIndex((each) => each.source === source)
      putLast(producers, index, { source, sequence, seconds })
    }
    const index = shards.findIndex((each) => each.shard === shard)
    putLast(shards, index, { shard, sequenceNumber, taken, seconds })
  }

  /** False for a record that was applied before by its producer's number, or whose producer cannot be remembered. */
  #isFromProducerAnew(run: TradeRun): boolean {
    if (run.producer === undefined) return true
    const { source, sequence } = run.producer
    const last = this.#producers.find((each) => each.source === source)
    if (last !== undefined && sequence <= last.sequence) {
      this.#outcome.duplicates += countOf(run.trades)
      return false
    }
    return last !== undefined || this.#hasRoom('too-many-sources', run, this.#producers, MAX_PRODUCERS)
  }

  /** Whether there is room for one more; refuses the run where there is none. What is finalized is forgotten in `end`. */
  #hasRoom(
    reason: RefusedReason,
    run: TradeRun,
    remembered: readonly { readonly seconds: number }[],
    most: number,
  ): boolean {
    const isFull = remembered.filter(({ seconds }) => seconds >= this.#keepsFrom()).length >= most
    if (isFull) for (let index = 0; index < countOf(run.trades); index++) this.#refuse(run, index, reason)
    return !isFull
  }

  /** Applies trades as long as the outbox has room; how many. */
  #takeTrades(run: TradeRun): number {
    const { trades } = run
    const { maxPending = Infinity } = this.#rules
    const count = countOf(trades)
    let place = 0
    while (place < count) {
      if (place > 0 && this.#outbox.length >= maxPending) return place
      if (!trades.hasIds) this.#openMinuteOf(run, trades.columns.seconds[trades.from + place] ?? 0)
      const span = this.#spanOf(run, place)
      if (span > 0) {
        this.#takeSpan(run, place, span)
        place += span
      } else {
        this.#takeTrade(run, place)
        place++
      }
    }
    return count
  }

  /** Opens the minute of a time where it is later than all before. */
  #openMinuteOf({ arrivedAt }: TradeRun, seconds: number): void {
    const start = minuteOf(seconds)
    if (start <= minuteOf(this.#newestSeconds)) return
    this.close(arrivedAt)
    this.#open = startBar(start)
  }

  /** How many trades from a place on go to the open minute and are new for sure: those are folded in one go. */
  #spanOf({ trades, line }: TradeRun, place: number): number {
    const open = this.#open
    if (open === undefined) return 0
    const { columns, from, to } = trades
    const { seconds, ids } = columns
    const { start } = open
    const end = start + MINUTE_SECONDS
    const first = from + place
    let index = first
    if (!trades.hasIds) {
      while (index < to && (seconds[index] ?? 0) >= start && (seconds[index] ?? 0) < end) index++
      return index - first
    }
    const known = this.#lines.find(({ name }) => name === line?.name)
    if (known === undefined) return 0
    let next = known.through + 1
    while (
      index < to &&
      ids[index] === next &&
      (seconds[index] ?? 0) >= start &&
      (seconds[index] ?? 0) < end
    ) {
      index++
      next++
    }
    return index - first
  }

  #takeSpan(run: TradeRun, place: number, length: number): void {
    const open = this.#open
    if (open === undefined) return
    const { trades, line } = run
    const from = trades.from + place
    const to = from + length
    addTrades(open, trades, { from, to })
    if (!isCounted(run)) open.completeness.uncounted = true
    if (trades.hasIds && line !== undefined) {
      const minute = open.start
      this.#lines = this.#lines.map((each) =>
        each.name === line.name ? { ...each, through: each.through + length, minute } : each,
      )
    }
    this.#outcome.applied += length
    this.#touch(run, trades.columns.seconds[to - 1] ?? 0)
    const { seconds, nanos } = trades.columns
    for (let index = trades.isOrdered ? to - 1 : from; index < to; index++)
      this.#advance(seconds[index] ?? 0, nanos[index] ?? 0)
  }

  #touch({ arrivedAt }: TradeRun, seconds: number): void {
    this.#touchedAt = arrivedAt
    this.#touchedSeconds = seconds
  }

  /** When a trade was last applied to the open minute. */
  #touchedNow(): Touched {
    const arrivedAt = this.#touchedAt
    if (arrivedAt === undefined) return this.#touched
    return {
      arrivedAt,
      lagMs: Math.max(0, this.#now - arrivedAt),
      delayMs: Math.max(0, arrivedAt - this.#touchedSeconds * 1000),
    }
  }

  #advance(seconds: number, nanos: number): void {
    const isNewer =
      seconds > this.#newestSeconds || (seconds === this.#newestSeconds && nanos > this.#newestNanos)
    if (!isNewer) return
    this.#newestSeconds = seconds
    this.#newestNanos = nanos
  }

  /** Applies one trade, whatever its id and time. */
  #takeTrade(run: TradeRun, place: number): void {
    const trade = tradeAt(run.trades, place)
    const { id = NO_ID } = trade
    const known = this.#lines.find(({ name }) => name === run.line?.name)
    if (id !== NO_ID && known !== undefined) {
      const admission = admissionOf(known, id)
      if (admission === 'duplicate' || admission === 'uncertain') {
        this.#outcome[admission === 'duplicate' ? 'duplicates' : 'uncertain']++
        return
      }
    }
    const destination = this.#destinationOf(trade)
    if (destination !== 'open' && destination !== 'later' && destination !== 'closed') {
      this.#refuse(run, place, destination)
      return
    }
    // Before the minute is closed: its bar is to tell what is missing.
    if (id !== NO_ID && !this.#takeIdOf(run, { id, minute: minuteOf(trade.seconds), place })) return
    const start = minuteOf(trade.seconds)
    if (destination === 'later') this.#openMinuteOf(run, trade.seconds)
    if (destination === 'closed') this.#outcome.late++
    const bar = destination === 'closed' ? this.#lateBar(start, run) : this.#open
    if (bar === undefined) return
    const index = run.trades.from + place
    addTrades(bar, run.trades, { from: index, to: index + 1 })
    if (!isCounted(run) || id === NO_ID) bar.completeness.uncounted = true
    if (bar === this.#open) this.#touch(run, trade.seconds)
    this.#outcome.applied++
    this.#advance(trade.seconds, trade.nanos)
  }

  #destinationOf(trade: Pick<Trade, 'seconds' | 'nanos'>): Destination {
    const start = minuteOf(trade.seconds)
    if (this.#open?.start === start) return 'open'
    if (start > minuteOf(this.#newestSeconds)) return 'later'
    if (this.#behind(trade) > this.#rules.latenessSeconds) return 'too-late'
    if (this.#rules.lateTrades === 'refuse') return 'corrections-off'
    // Finalized under a smaller lateness than today's, and its trades are no longer known.
    return start < this.#keptFrom ? 'finalized' : 'closed'
  }

  /** The bar of a minute that had closed, or had no trade while it was open, to be changed; it is emitted again. */
  #lateBar(start: number, { arrivedAt }: TradeRun): BarBuilder {
    const index = this.#closed.findIndex((minute) => minute.start >= start)
    const found = index < 0 ? undefined : this.#closed[index]
    if (found?.start === start && start === minuteOf(this.#newestSeconds) && this.#open === undefined) {
      // The clock or a flush closed the newest minute and it goes on: it is open again.
      this.#closed.splice(index, 1)
      this.#open = this.#changeable(found)
      this.#corrected.delete(this.#open)
      return this.#open
    }
    const minute = found?.start === start ? this.#changeable(found) : startBar(start)
    if (found?.start === start) this.#closed[index] = minute
    else this.#closed.splice(index < 0 ? this.#closed.length : index, 0, minute)
    this.#corrected.set(minute, arrivedAt)
    return minute
  }

  /** A closed minute that nobody else holds. */
  #changeable(minute: BarBuilder): BarBuilder {
    return this.#corrected.has(minute) ? minute : copyBar(minute)
  }

  /** Notes the id of a trade; false when its line cannot be remembered. */
  #takeIdOf(
    run: TradeRun,
    { id, minute, place }: { readonly id: number; readonly minute: number; readonly place: number },
  ): boolean {
    const { line } = run
    if (line === undefined) return true
    const known = this.#lines.find(({ name }) => name === line.name)
    if (known === undefined) {
      const active = this.#lines.filter((each) => each.minute >= this.#keepsFrom())
      if (active.length >= MAX_LINES) {
        this.#refuse(run, place, 'too-many-lines')
        return false
      }
      this.#lines = [...this.#lines, startLine(line, { id, minute })]
      return true
    }
    const taken = takeId({ ...known, isContiguous: line.isContiguous }, { id, minute })
    this.#lines = this.#lines.map((each) => (each === known ? taken.line : each))
    for (const gap of taken.forgotten) this.#forget(known, gap, run.arrivedAt)
    this.#tellChangedCompleteness(run.arrivedAt)
    return true
  }

  /** A gap that cannot be remembered: its minutes will never be known to be whole. */
  #forget(line: LineState, gap: Gap, arrivedAt: number): void {
    const missing = missingIn(line, gap)
    this.#outcome.missing += missing
    if (missing === 0) return
    const damage = (minute: BarBuilder): void => {
      if (mayHold(gap, minute.start)) minute.completeness.damaged = true
    }
    if (this.#open !== undefined) damage(this.#open)
    for (const [index, minute] of this.#closed.entries()) {
      const changed = copyBar(minute)
      damage(changed)
      if (!changed.completeness.damaged || minute.completeness.damaged) continue
      this.#closed[index] = changed
      this.#corrected.set(changed, this.#corrected.get(minute) ?? arrivedAt)
      this.#corrected.delete(minute)
    }
  }

  /** Emits closed minutes again whose trades are all there now, or of which some turn out to be missing. */
  #tellChangedCompleteness(arrivedAt: number): void {
    for (const [index, minute] of this.#closed.entries()) {
      const { said } = minute.completeness
      if (said === undefined || said === this.#completenessOf(minute) || this.#corrected.has(minute)) continue
      const changed = copyBar(minute)
      this.#closed[index] = changed
      this.#corrected.set(changed, arrivedAt)
    }
  }

  #completenessOf({ start, completeness }: BarBuilder): boolean | null {
    if (completeness.damaged || this.#lines.some((line) => isMissingFrom(line, start))) return false
    return completeness.uncounted ? null : true
  }

  /** Applies cancels and corrections as long as the outbox has room; how many. */
  #takeChanges(run: TradeRun): number {
    const count = countOf(run.trades)
    for (let place = 0; place < count; place++) this.#takeChange(run, place)
    return count
  }

  #takeChange(run: TradeRun, place: number): void {
    const trade = tradeAt(run.trades, place)
    const { id = NO_ID } = trade
    const line = run.line?.name ?? ''
    const replacement = run.replacements?.[place]
    const change = replacement === undefined ? 'cancel' : textOf(replacement)
    const isKnown = this.#changes.some(
      (each) => each.line === line && each.id === id && (each.change === change || each.change === 'cancel'),
    )
    if (isKnown) {
      this.#outcome.duplicates++
      return
    }
    const destination = this.#destinationOf(trade)
    if (destination !== 'open' && destination !== 'later' && destination !== 'closed') {
      this.#refuse(run, place, destination)
      return
    }
    const remembered = this.#changes.filter(({ seconds }) => seconds >= this.#keepsFrom())
    if (remembered.length >= MAX_CHANGES) {
      this.#refuse(run, place, 'too-many-changes')
      return
    }
    const known = this.#lines.find(({ name }) => name === line)
    const admission = known === undefined ? 'new' : admissionOf(known, id)
    const isToCome = admission === 'new' || admission === 'filled'
    const start = minuteOf(trade.seconds)
    const holds = (minute: BarBuilder | undefined): boolean => minute?.start === start && minute.count > 0
    if (!isToCome && !holds(this.#open) && !this.#closed.some(holds)) {
      this.#refuse(run, place, 'unknown-trade')
      return
    }
    this.#changes = [...remembered, { line, id, change, seconds: trade.seconds }]
    this.#outcome.changed++
    if (isToCome) {
      // The trade itself has not come: when it does, it is taken for a duplicate.
      if (!this.#takeIdOf(run, { id, minute: start, place })) return
      if (replacement !== undefined) this.#applyReplacement(run, replacement, destination)
      return
    }
    const bar = destination === 'open' ? this.#open : this.#lateBar(start, run)
    if (bar === undefined) return
    removeTrade(bar, trade)
    if (replacement !== undefined && !Number.isNaN(trade.price.units))
      addTrades(bar, replacement, { from: replacement.from, to: replacement.to })
  }

  /** A corrected trade that comes before the one that it corrects. */
  #applyReplacement(run: TradeRun, replacement: Trades, destination: Destination): void {
    const { seconds, nanos } = tradeAt(replacement, 0)
    if (destination === 'later') this.#openMinuteOf(run, seconds)
    const bar = destination === 'closed' ? this.#lateBar(minuteOf(seconds), run) : this.#open
    if (bar === undefined) return
    addTrades(bar, replacement, { from: replacement.from, to: replacement.to })
    if (!isCounted(run)) bar.completeness.uncounted = true
    if (bar === this.#open) this.#touch(run, seconds)
    this.#advance(seconds, nanos)
  }

  #refuse(run: TradeRun, index: number, reason: RefusedReason): void {
    const behindSeconds = this.#behind(tradeAt(run.trades, index))
    this.#outcome.refused.push({ run, index, reason, behindSeconds })
  }

  /** Closes the open minute when it is over and no trade was applied to it for the grace. */
  clock(now: number, clock: 'stream' | 'wall'): void {
    const open = this.#open
    if (open === undefined || now < endOf(open)) return
    const touched = this.#touchedNow()
    const due = dueAt(open, touched, this.#rules) + (clock === 'wall' ? touched.lagMs : 0)
    if (now >= due) this.close(Math.max(endOf(open), touched.arrivedAt))
  }

  close(closedAt: number): void {
    if (this.#open === undefined) return
    // A correction leaves before the minute after it: readers of `bars` stop waiting for it by the newest they have seen.
    this.#emitCorrected()
    const minute = this.#open
    this.#open = undefined
    this.#closed.push(minute)
    this.#emit(minute, closedAt)
  }

  #emit(minute: BarBuilder, closedAt: number): void {
    if (!hasPrices(minute)) return
    const complete = this.#completenessOf(minute)
    this.#outcome[minute.revision === 0 ? 'completed' : 'revised']++
    if (complete === false) this.#outcome.incomplete++
    minute.revision++
    minute.completeness.said = complete
    this.#outbox.push({ builder: minute, closedAt })
  }

  #emitCorrected(): void {
    if (this.#corrected.size === 0) return
    const inOrder = [...this.#corrected].toSorted(([one], [other]) => one.start - other.start)
    for (const [minute, closedAt] of inOrder) this.#emit(minute, closedAt)
    this.#corrected.clear()
  }

  end(): { state: MinuteState; outcome: Outcome } {
    this.#emitCorrected()
    const oldest = this.#keepsFrom()
    const isKept = ({ seconds }: { readonly seconds: number }): boolean => seconds >= oldest
    const dropped = this.#closed.findLast((minute) => minute.start <= oldest)
    return {
      state: {
        shards: bounded(this.#shards, isKept, MAX_SHARDS),
        producers: bounded(this.#producers, isKept, MAX_PRODUCERS),
        lines: this.#agedLines(oldest),
        changes: this.#changes.every(isKept) ? this.#changes : this.#changes.filter(isKept),
        newest: { seconds: this.#newestSeconds, nanos: this.#newestNanos },
        touched: this.#touchedNow(),
        open: this.#open,
        closed: this.#closed.filter((minute) => minute.start > oldest),
        keptFrom: dropped === undefined ? this.#keptFrom : dropped.start + MINUTE_SECONDS,
        outbox: this.#outbox,
      },
      outcome: this.#outcome,
    }
  }

  /** The lines without the gaps that nothing can fill any more; at most `MAX_LINES`, the longest silent ones forgotten. */
  #agedLines(oldest: number): readonly LineState[] {
    if (this.#lines.length === 0) return this.#lines
    const aged = this.#lines.map((line) => {
      const { line: kept, forgotten } = ageGaps(line, oldest + 1)
      for (const gap of forgotten) this.#outcome.missing += missingIn(line, gap)
      return kept
    })
    if (aged.length <= MAX_LINES) return aged
    return aged.toSorted((one, other) => one.minute - other.minute).slice(aged.length - MAX_LINES)
  }

  /** Unix seconds before which no trade can be applied, be it late or to the open minute. */
  #keepsFrom(): number {
    return this.#newestSeconds - this.#rules.latenessSeconds - MINUTE_SECONDS
  }

  #behind(trade: Pick<Trade, 'seconds' | 'nanos'>): number {
    return this.#newestSeconds - trade.seconds + (this.#newestNanos - trade.nanos) / 1e9
  }
}

/** The latest of what is remembered: what is finalized goes first, and only when there are too many. */
function bounded<Remembered>(
  remembered: readonly Remembered[],
  isKept: (each: Remembered) => boolean,
  most: number,
): readonly Remembered[] {
  if (remembered.length <= most) return remembered
  const kept = remembered.filter(isKept)
  const excess = kept.length - most
  return excess > 0 ? kept.slice(excess) : kept
}

/** Puts an entry last, in the place of the one at an index; −1 for none. */
function putLast<Entry>(entries: Entry[], index: number, entry: Entry): void {
  if (index >= 0 && index === entries.length - 1) entries[index] = entry
  else {
    if (index >= 0) entries.splice(index, 1)
    entries.push(entry)
  }
}

/** True for trades that count on a contiguous line, so that a missing one would be noticed. */
function isCounted({ line, trades }: TradeRun): boolean {
  return trades.hasIds && line !== undefined && line.isContiguous
}

function textOf(trades: Trades): string {
  const { price, volume } = tradeAt(trades, 0)
  return `${formatDecimal(price.units, price.scale)}x${formatDecimal(volume.units, volume.scale)}`
}

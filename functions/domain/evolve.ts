import { ChangesDraft, changeText } from './applied-changes.ts'
import { addTrades, type BarBuilder, MINUTE_SECONDS, minuteOf } from './bar-builder.ts'
import { dueAt } from './due.ts'
import { noOutcome, type Outcome, type RefusedReason, type Rules, type SymbolEvent } from './event.ts'
import { LinesDraft } from './known-lines.ts'
import { mayHold } from './lines.ts'
import type { MinuteState, Touched } from './minute-state.ts'
import { endOf, MinutesDraft } from './minutes.ts'
import { PlacesDraft } from './places.ts'
import { removeTrade } from './remove-trade.ts'
import { isCounted, recordOf, runFrom } from './trade-run.ts'
import { countOf, NO_ID, type RunRecords, type Trade, tradeAt, type TradeRun, type Trades } from './trade.ts'

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
      fold.flush(event.now)
      break
  }
  return { ...fold.end(), rest }
}

/** Takes runs until the outbox is full; the event with those that are left. */
function takeRuns(fold: SymbolFold, event: SymbolEvent & { type: 'trades' }): SymbolEvent | undefined {
  let index = 0
  for (const run of event.runs) {
    const left = fold.run(run)
    index++
    if (left !== undefined) return { ...event, runs: [left, ...event.runs.slice(index)] }
  }
  return undefined
}

/** Where a trade goes by its time. */
type Destination = MinuteDestination | RefusedReason
type MinuteDestination = 'open' | 'later' | 'closed'

function isMinute(destination: Destination): destination is MinuteDestination {
  return destination === 'open' || destination === 'later' || destination === 'closed'
}

/** A draft of the next state; lives for one event and never leaves this file. */
class SymbolFold {
  readonly #rules: Rules
  readonly #now: number
  readonly #places: PlacesDraft
  readonly #lines: LinesDraft
  readonly #minutes: MinutesDraft
  readonly #changes: ChangesDraft
  #newestSeconds: number
  #newestNanos: number
  /** As it was before the event. */
  readonly #touched: Touched
  /** Unix milliseconds; NaN until a trade is applied to the open minute. */
  #touchedAt = Number.NaN
  #touchedSeconds = 0
  readonly #keptFrom: number
  readonly #outcome = noOutcome()

  constructor(state: MinuteState, rules: Rules, now: number) {
    this.#rules = rules
    this.#now = now
    this.#places = new PlacesDraft(state)
    this.#lines = new LinesDraft(state.lines)
    this.#minutes = new MinutesDraft(state, this.#outcome, (minute) => this.#completenessOf(minute))
    this.#changes = new ChangesDraft(state.changes)
    this.#newestSeconds = state.newest.seconds
    this.#newestNanos = state.newest.nanos
    this.#touched = state.touched
    this.#keptFrom = state.keptFrom
  }

  /** Applies a run; what is left of it when the outbox became full. */
  run(given: TradeRun): TradeRun | undefined {
    if (this.#isOutboxFull()) return given
    if (given.records !== undefined) return this.#takeRecords(given, given.records)
    const run = this.#unseen(given)
    if (run === undefined) return undefined
    this.clock(run.arrivedAt, 'stream')
    const taken = run.type === 'trade' ? this.#takeTrades(run) : this.#takeChanges(run)
    const isWhole = taken === countOf(run.trades)
    const placed = isWhole && (run.isLast ?? true) ? 0 : (run.skipped ?? 0) + taken
    this.#places.note(run, placed, this.#newestSeconds)
    return isWhole ? undefined : runFrom(run, taken)
  }

  /** The same of a run of several records: those in one go that only add to the open minute. */
  #takeRecords(run: TradeRun, records: RunRecords): TradeRun | undefined {
    const count = countOf(run.trades)
    let place = 0
    while (place < count) {
      if (place > 0 && this.#isOutboxFull()) return runFrom(run, place)
      const length = this.#recordsFor(run, records, place)
      if (length === 0) {
        if (this.run(recordOf(run, records, place)) !== undefined) return runFrom(run, place)
        place++
        continue
      }
      const last = run.trades.from + place + length - 1
      this.#takeSpan(run, { place, length, arrivedAt: records.arrivals[last] ?? 0 })
      const sequenceNumber = records.sequenceNumbers[last] ?? ''
      this.#places.note({ shard: run.shard, sequenceNumber, producer: undefined }, 0, this.#newestSeconds)
      place += length
    }
    return undefined
  }

  /** How many records from a place on are new for sure, with a trade of the open minute each, and do not let it close. */
  #recordsFor(run: TradeRun, { sequenceNumbers, arrivals }: RunRecords, place: number): number {
    const { open } = this.#minutes
    const first = run.trades.from + place
    if (open === undefined || !this.#places.isNext(run, sequenceNumbers[first] ?? '')) return 0
    const length = this.#spanOf(run, place)
    const end = endOf(open)
    let touchedAt = this.#touchedAt
    for (let index = first; index < first + length; index++) {
      const arrivedAt = arrivals[index] ?? 0
      if (!(arrivedAt < end || arrivedAt < touchedAt + this.#rules.graceMs)) return index - first
      touchedAt = arrivedAt
    }
    return length
  }

  #isOutboxFull(): boolean {
    return this.#minutes.outbox.length >= (this.#rules.maxPending ?? Infinity)
  }

  /** The trades of a run that are not applied yet; undefined when none is left. */
  #unseen(run: TradeRun): TradeRun | undefined {
    const unseen = this.#places.unseenOf(run, this.#keepsFrom())
    if (unseen.type === 'after') return unseen.place === 0 ? run : runFrom(run, unseen.place)
    if (unseen.type === 'none') this.#outcome.duplicates += countOf(run.trades)
    else for (let place = 0; place < countOf(run.trades); place++) this.#refuse(run, place, unseen.type)
    return undefined
  }

  /** Applies trades as long as the outbox has room; how many. */
  #takeTrades(run: TradeRun): number {
    const { trades } = run
    const count = countOf(trades)
    let place = 0
    while (place < count) {
      if (place > 0 && this.#isOutboxFull()) return place
      if (!trades.hasIds) this.#openMinuteOf(run, trades.columns.seconds[trades.from + place] ?? 0)
      const span = this.#spanOf(run, place)
      if (span > 0) {
        this.#takeSpan(run, { place, length: span, arrivedAt: run.arrivedAt })
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
    const { open } = this.#minutes
    if (open !== undefined && seconds < open.start + MINUTE_SECONDS) return
    const start = minuteOf(seconds)
    if (start > minuteOf(this.#newestSeconds)) this.#minutes.openLater(start, arrivedAt)
  }

  /** How many trades from a place on go to the open minute and are new for sure: those are folded in one go. */
  #spanOf({ trades, line }: TradeRun, place: number): number {
    const { open } = this.#minutes
    if (open === undefined) return 0
    const { columns, from, to, hasIds, isOrdered } = trades
    const { seconds, ids } = columns
    const { start } = open
    const end = start + MINUTE_SECONDS
    const first = from + place
    let index = first
    if (!hasIds) {
      if (isOrdered)
        return (seconds[first] ?? 0) < start ? 0 : firstFrom(seconds, end, { from: first, to }) - first
      while (index < to && (seconds[index] ?? 0) >= start && (seconds[index] ?? 0) < end) index++
      return index - first
    }
    let next = this.#lines.nextOf(line)
    if (next === undefined) return 0
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

  #takeSpan(
    run: TradeRun,
    {
      place,
      length,
      arrivedAt,
    }: { readonly place: number; readonly length: number; readonly arrivedAt: number },
  ): void {
    const { open } = this.#minutes
    if (open === undefined) return
    const { trades, line } = run
    const from = trades.from + place
    const to = from + length
    addTrades(open, trades, { from, to })
    if (!isCounted(run)) open.uncounted = true
    if (trades.hasIds && line !== undefined) this.#lines.continue(line, { count: length, minute: open.start })
    this.#outcome.applied += length
    this.#touch(arrivedAt, trades.columns.seconds[to - 1] ?? 0)
    const { seconds, nanos } = trades.columns
    for (let index = trades.isOrdered ? to - 1 : from; index < to; index++)
      this.#advance(seconds[index] ?? 0, nanos[index] ?? 0)
  }

  #touch(arrivedAt: number, seconds: number): void {
    this.#touchedAt = arrivedAt
    this.#touchedSeconds = seconds
  }

  /** When a trade was last applied to the open minute. */
  #touchedNow(): Touched {
    const arrivedAt = this.#touchedAt
    if (Number.isNaN(arrivedAt)) return this.#touched
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
    const admission = id === NO_ID ? 'new' : this.#lines.admissionOf(run.line, id)
    if (admission === 'duplicate' || admission === 'uncertain') {
      this.#outcome[admission === 'duplicate' ? 'duplicates' : 'uncertain']++
      return
    }
    const destination = this.#destinationOf(trade)
    if (!isMinute(destination)) {
      this.#refuse(run, place, destination)
      return
    }
    // Before the minute is closed: its bar is to tell what is missing.
    if (id !== NO_ID && !this.#takeIdOf(run, { id, minute: minuteOf(trade.seconds), place })) return
    if (destination === 'closed') this.#outcome.late++
    const bar = this.#barFor(trade, destination, run)
    if (bar === undefined) return
    const index = run.trades.from + place
    addTrades(bar, run.trades, { from: index, to: index + 1 })
    if (!isCounted(run) || id === NO_ID) bar.uncounted = true
    this.#outcome.applied++
    this.#noteApplied(bar, trade, run)
  }

  /** The bar that a trade goes to, to be changed. */
  #barFor(trade: Trade, destination: MinuteDestination, run: TradeRun): BarBuilder | undefined {
    if (destination === 'later') this.#openMinuteOf(run, trade.seconds)
    if (destination !== 'closed') return this.#minutes.open
    const start = minuteOf(trade.seconds)
    const isNewest = start === minuteOf(this.#newestSeconds)
    return this.#minutes.reopen(start, { arrivedAt: run.arrivedAt, isNewest })
  }

  #noteApplied(bar: BarBuilder, { seconds, nanos }: Trade, run: TradeRun): void {
    if (bar === this.#minutes.open) this.#touch(run.arrivedAt, seconds)
    this.#advance(seconds, nanos)
  }

  #destinationOf(trade: Pick<Trade, 'seconds' | 'nanos'>): Destination {
    const start = minuteOf(trade.seconds)
    if (this.#minutes.open?.start === start) return 'open'
    if (start > minuteOf(this.#newestSeconds)) return 'later'
    if (this.#behind(trade) > this.#rules.latenessSeconds) return 'too-late'
    if (this.#rules.lateTrades === 'refuse') return 'corrections-off'
    // Finalized under a smaller lateness than today's, and its trades are no longer known.
    return start < this.#keptFrom ? 'finalized' : 'closed'
  }

  /** Notes the id of a trade; false when its line cannot be remembered. */
  #takeIdOf(
    run: TradeRun,
    { id, minute, place }: { readonly id: number; readonly minute: number; readonly place: number },
  ): boolean {
    const { line, arrivedAt } = run
    if (line === undefined) return true
    const forgotten = this.#lines.take(line, { id, minute }, this.#keepsFrom())
    if (forgotten === undefined) {
      this.#refuse(run, place, 'too-many-lines')
      return false
    }
    for (const gap of forgotten.gaps) {
      if (gap.missing === 0) continue
      this.#outcome.missing += gap.missing
      // Its minutes will never be known to be whole.
      this.#minutes.damage(({ start }) => mayHold(gap, start), arrivedAt)
    }
    if (!forgotten.isNewLine) this.#minutes.tellChangedCompleteness(arrivedAt)
    return true
  }

  #completenessOf({ start, damaged, uncounted }: BarBuilder): boolean | null {
    if (damaged || this.#lines.isMissingFrom(start)) return false
    return uncounted ? null : true
  }

  /** Applies cancels and corrections; how many. */
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
    const change = changeText(replacement)
    if (this.#changes.isApplied({ line, id, change })) {
      this.#outcome.duplicates++
      return
    }
    const destination = this.#destinationOf(trade)
    if (!isMinute(destination)) {
      this.#refuse(run, place, destination)
      return
    }
    if (this.#changes.isFull(this.#keepsFrom())) {
      this.#refuse(run, place, 'too-many-changes')
      return
    }
    const admission = this.#lines.admissionOf(run.line, id)
    const isToCome = admission === 'new' || admission === 'filled'
    const minute = minuteOf(trade.seconds)
    if (!isToCome && !this.#minutes.hasTradesIn(minute)) {
      this.#refuse(run, place, 'unknown-trade')
      return
    }
    this.#changes.note({ line, id, change, seconds: trade.seconds }, this.#keepsFrom())
    this.#outcome.changed++
    // The trade itself has not come: when it does, it is taken for a duplicate.
    if (isToCome && !this.#takeIdOf(run, { id, minute, place })) return
    if (isToCome) this.#applyEarlyCorrection(run, replacement, destination)
    else this.#changeTrade(run, { trade, replacement, destination })
  }

  #changeTrade(
    run: TradeRun,
    {
      trade,
      replacement,
      destination,
    }: {
      readonly trade: Trade
      readonly replacement: Trades | undefined
      readonly destination: MinuteDestination
    },
  ): void {
    const bar = this.#barFor(trade, destination, run)
    if (bar === undefined) return
    removeTrade(bar, trade)
    if (replacement !== undefined && !Number.isNaN(trade.price.units))
      addTrades(bar, replacement, { from: replacement.from, to: replacement.to })
  }

  /** A corrected trade that comes before the one that it corrects. */
  #applyEarlyCorrection(
    run: TradeRun,
    replacement: Trades | undefined,
    destination: MinuteDestination,
  ): void {
    if (replacement === undefined) return
    const trade = tradeAt(replacement, 0)
    const bar = this.#barFor(trade, destination, run)
    if (bar === undefined) return
    addTrades(bar, replacement, { from: replacement.from, to: replacement.to })
    if (!isCounted(run)) bar.uncounted = true
    this.#noteApplied(bar, trade, run)
  }

  #refuse(run: TradeRun, index: number, reason: RefusedReason): void {
    const behindSeconds = this.#behind(tradeAt(run.trades, index))
    this.#outcome.refused.push({ run, index, reason, behindSeconds })
  }

  /** Closes the open minute when it is over and no trade was applied to it for the grace. */
  clock(now: number, clock: 'stream' | 'wall'): void {
    const { open } = this.#minutes
    if (open === undefined || now < endOf(open) || now < this.#touchedAt + this.#rules.graceMs) return
    const touched = this.#touchedNow()
    const due = dueAt(open, touched, this.#rules) + (clock === 'wall' ? touched.lagMs : 0)
    if (now >= due) this.#minutes.close(Math.max(endOf(open), touched.arrivedAt))
  }

  flush(now: number): void {
    this.#minutes.close(now)
  }

  end(): { state: MinuteState; outcome: Outcome } {
    this.#minutes.emitCorrected()
    const oldest = this.#keepsFrom()
    const { lines, missing } = this.#lines.end(oldest + 1)
    this.#outcome.missing += missing
    return {
      state: {
        ...this.#places.end(oldest),
        lines,
        changes: this.#changes.end(oldest),
        newest: { seconds: this.#newestSeconds, nanos: this.#newestNanos },
        touched: this.#touchedNow(),
        ...this.#minutes.end(this.#keptFrom, oldest),
      },
      outcome: this.#outcome,
    }
  }

  /** Unix seconds before which no trade can be applied, be it late or to the open minute. */
  #keepsFrom(): number {
    return this.#newestSeconds - this.#rules.latenessSeconds - MINUTE_SECONDS
  }

  #behind(trade: Pick<Trade, 'seconds' | 'nanos'>): number {
    return this.#newestSeconds - trade.seconds + (this.#newestNanos - trade.nanos) / 1e9
  }
}

/** Of a column in order, the first place from `from` on with a value of `limit` or more; `to` where there is none. */
function firstFrom(
  column: Float64Array,
  limit: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  if ((column[to - 1] ?? 0) < limit) return to
  let index = from
  while (index + STRIDE < to && (column[index + STRIDE] ?? 0) < limit) index += STRIDE
  while ((column[index] ?? 0) < limit) index++
  return index
}

const STRIDE = 8

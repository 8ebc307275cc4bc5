import { addTrade, type BarBuilder, MINUTE_SECONDS, minuteOf, startBar } from './bar-builder.ts'
import { MAX_PRODUCERS, type PendingBar, type MinuteState } from './minute-state.ts'
import { compareSequenceNumbers, isEarlier, type Producer, type Trade, type TradeRun } from './trade.ts'

/** What can happen to a symbol. Time is always an argument: `now` is Unix milliseconds. */
export type SymbolEvent =
  | { readonly type: 'trades'; readonly now: number; readonly runs: readonly TradeRun[] }
  | { readonly type: 'clock'; readonly now: number }
  | { readonly type: 'flush'; readonly now: number }
  /** The first `count` bars of the outbox are on the stream `bars`. */
  | { readonly type: 'emitted'; readonly count: number }

export type Rules = {
  /**
   * How much older than the symbol's newest trade a trade of a closed bar may be, in seconds. A finalized bar stays
   * finalized when this is raised.
   */
  readonly latenessSeconds: number
  /** How long no trade must have been applied to the open bar of a past minute before the clock closes it, in ms. */
  readonly graceMs: number
  /** Whether a trade that arrives after its bar has closed, within the lateness, corrects it. @default correct */
  readonly lateTrades?: 'correct' | 'refuse'
  /** Bars in the outbox at which no further trade is applied until they are emitted. @default Infinity */
  readonly maxPending?: number
}

/** What an event did, beside the state. */
export type Outcome = {
  applied: number
  /** Trades applied to a bar after it had closed; counted in `applied` too. */
  late: number
  duplicates: number
  /** Closed for the first time. */
  completed: number
  revised: number
  readonly tooLate: TooLate[]
}

/**
 * A trade older than the allowed lateness, or a late one where late ones are refused; never merged into another bar.
 * `index` is its place among the trades of the run.
 */
export type TooLate = { readonly run: TradeRun; readonly index: number; readonly behindSeconds: number }

/**
 * The one place where the state of a symbol changes.
 *
 * The bars that an event completes are appended to the outbox of the returned state, so that committing the state
 * commits the bars. `rest` is what is left of the event when the outbox is full: pass it again once the bars are emitted.
 *
 * @returns the next state, what the event did, and what is left of the event
 */
export function evolve(state: MinuteState, event: SymbolEvent, rules: Rules): Evolved {
  if (event.type === 'emitted') {
    const outbox = state.outbox.slice(event.count)
    return { state: { ...state, outbox }, outcome: nothing(), rest: undefined }
  }
  const fold = new SymbolFold(state, rules, event.now)
  let rest: SymbolEvent | undefined
  switch (event.type) {
    case 'trades':
      rest = takeRuns(fold, event)
      break
    case 'clock':
      fold.clock()
      break
    case 'flush':
      fold.close(event.now)
      break
  }
  return { ...fold.end(), rest }
}

type Evolved = {
  readonly state: MinuteState
  readonly outcome: Outcome
  readonly rest: SymbolEvent | undefined
}

/** Applies runs until the outbox is full. Returns the event with the runs that are left. */
function takeRuns(fold: SymbolFold, event: SymbolEvent & { type: 'trades' }): SymbolEvent | undefined {
  for (const [index, run] of event.runs.entries()) {
    const left = fold.run(run)
    if (left !== undefined) return { ...event, runs: [left, ...event.runs.slice(index + 1)] }
  }
  return undefined
}

function nothing(): Outcome {
  return { applied: 0, late: 0, duplicates: 0, completed: 0, revised: 0, tooLate: [] }
}

/** Unix milliseconds from which the clock closes the open bar; undefined when none is open. */
export function closesAt(state: MinuteState, rules: Rules): number | undefined {
  if (state.open === undefined) return undefined
  return Math.max((state.open.start + MINUTE_SECONDS) * 1000, state.touchedAt + rules.graceMs)
}

/** The trades of a run from `index` on. */
function later(run: TradeRun, index: number): TradeRun & { readonly from: number } {
  return { ...run, from: (run.from ?? 0) + index, trades: run.trades.slice(index) }
}

/** A draft of the next state; lives for one event and never leaves this file. */
class SymbolFold {
  readonly #rules: Rules
  readonly #now: number
  #sequenceNumber: string
  #taken: number
  #producers: MinuteState['producers']
  #newest: { seconds: number; nanos: number }
  #touchedAt: number
  #open: BarBuilder | undefined
  #closed: BarBuilder[]
  readonly #keptFrom: number
  /** Closed bars that late trades changed since the last close, with the arrival of the last of those trades. */
  readonly #corrected = new Map<BarBuilder, number>()
  readonly #outbox: PendingBar[]
  readonly #outcome = nothing()

  constructor(state: MinuteState, rules: Rules, now: number) {
    this.#rules = rules
    this.#now = now
    this.#sequenceNumber = state.sequenceNumber
    this.#taken = state.taken
    this.#producers = state.producers
    this.#newest = { seconds: state.newest.seconds, nanos: state.newest.nanos }
    this.#touchedAt = state.touchedAt
    this.#open = state.open && { ...state.open }
    this.#closed = [...state.closed]
    this.#keptFrom = state.keptFrom
    this.#outbox = [...state.outbox]
  }

  /** Applies a run. Returns what is left of it when the outbox is full. */
  run(given: TradeRun): TradeRun | undefined {
    const { maxPending = Infinity } = this.#rules
    if (this.#outbox.length >= maxPending) return given
    const run = this.#unapplied(given)
    if (run === undefined) {
      this.#outcome.duplicates += given.trades.length
      return undefined
    }
    this.#sequenceNumber = run.sequenceNumber
    // Counted by hand: `entries()` makes a pair for each trade, which takes a quarter of the time of the fold.
    let index = 0
    for (const trade of run.trades) {
      if (this.#outbox.length >= maxPending && index > 0) {
        const left = later(run, index)
        this.#taken = left.from
        return left
      }
      if (this.#trade(trade, run)) this.#outcome.applied++
      else this.#outcome.tooLate.push({ run, index, behindSeconds: this.#behind(trade) })
      index++
    }
    this.#taken = 0
    return undefined
  }

  /** The trades of a run that are not applied yet; undefined when all are duplicates. */
  #unapplied(run: TradeRun): TradeRun | undefined {
    const { from = 0 } = run
    const order =
      this.#sequenceNumber === '' ? 1 : compareSequenceNumbers(run.sequenceNumber, this.#sequenceNumber)
    if (order === 0 && this.#taken > 0) return later(run, this.#taken - from)
    if (order <= 0) return undefined
    return run.producer === undefined || this.#isNewSequence(run.producer) ? run : undefined
  }

  /** Applies one trade; false when it is too late. */
  #trade(trade: Trade, run: TradeRun): boolean {
    const open = this.#open
    if (open !== undefined && trade.seconds >= open.start && trade.seconds < open.start + MINUTE_SECONDS) {
      addTrade(open, trade)
      this.#touchedAt = this.#now
    } else if (minuteOf(trade.seconds) > minuteOf(this.#newest.seconds)) {
      this.close(run.arrivedAt)
      this.#open = startBar(trade)
      this.#touchedAt = this.#now
    } else if (!this.#correct(trade, run)) return false
    if (!isEarlier(trade, this.#newest)) this.#newest = trade
    return true
  }

  /** Applies a trade to a bar that had closed, or to a minute that had no trade so far; false when it is too late. */
  #correct(trade: Trade, run: TradeRun): boolean {
    const limit = { seconds: trade.seconds + this.#rules.latenessSeconds, nanos: trade.nanos }
    if (this.#rules.lateTrades === 'refuse' || isEarlier(limit, this.#newest)) return false
    const start = minuteOf(trade.seconds)
    // Finalized under a smaller lateness than today's: its builder may be gone from `closed`.
    if (start < this.#keptFrom) return false
    this.#outcome.late++
    const index = this.#closed.findIndex((builder) => builder.start >= start)
    const found = index < 0 ? undefined : this.#closed[index]
    if (found === undefined || found.start !== start) {
      const builder = startBar(trade)
      this.#closed.splice(index < 0 ? this.#closed.length : index, 0, builder)
      this.#corrected.set(builder, run.arrivedAt)
      return true
    }
    const builder = this.#corrected.has(found) ? found : { ...found }
    addTrade(builder, trade)
    if (start === minuteOf(this.#newest.seconds)) {
      // The clock or a flush closed the newest minute, and it still trades: its bar is open again.
      this.#closed.splice(index, 1)
      this.#open = builder
      this.#touchedAt = this.#now
    } else {
      this.#closed[index] = builder
      this.#corrected.set(builder, run.arrivedAt)
    }
    return true
  }

  clock(): void {
    const open = this.#open
    const now = this.#now
    if (open === undefined) return
    const end = (open.start + MINUTE_SECONDS) * 1000
    if (now >= end && now - this.#touchedAt >= this.#rules.graceMs) this.close(Math.max(end, this.#touchedAt))
  }

  close(closedAt: number): void {
    if (this.#open === undefined) return
    // Corrections first: readers of `bars` finalize a bar by the newest bar that they have read.
    this.#emitCorrected()
    const builder = this.#open
    this.#open = undefined
    this.#closed.push(builder)
    this.#emit(builder, closedAt)
  }

  #emit(builder: BarBuilder, closedAt: number): void {
    if (builder.revision === 0) this.#outcome.completed++
    else this.#outcome.revised++
    builder.revision++
    this.#outbox.push({ builder, closedAt })
  }

  #emitCorrected(): void {
    const inOrder = [...this.#corrected].toSorted(([one], [other]) => one.start - other.start)
    for (const [builder, closedAt] of inOrder) this.#emit(builder, closedAt)
    this.#corrected.clear()
  }

  end(): { state: MinuteState; outcome: Outcome } {
    this.#emitCorrected()
    const oldest = this.#newest.seconds - this.#rules.latenessSeconds - MINUTE_SECONDS
    const dropped = this.#closed.findLast((builder) => builder.start <= oldest)
    return {
      state: {
        sequenceNumber: this.#sequenceNumber,
        taken: this.#taken,
        producers: this.#producers,
        newest: { seconds: this.#newest.seconds, nanos: this.#newest.nanos },
        touchedAt: this.#touchedAt,
        open: this.#open,
        closed: this.#closed.filter((builder) => builder.start > oldest),
        keptFrom: dropped === undefined ? this.#keptFrom : dropped.start + MINUTE_SECONDS,
        outbox: this.#outbox,
      },
      outcome: this.#outcome,
    }
  }

  #behind(trade: Trade): number {
    return this.#newest.seconds - trade.seconds + (this.#newest.nanos - trade.nanos) / 1e9
  }

  /** Remembers a producer's record number; false when that record is already applied. */
  #isNewSequence({ source, sequence }: Producer): boolean {
    const last = this.#producers.find(([name]) => name === source)
    if (last !== undefined && sequence <= last[1]) return false
    const others = this.#producers.filter(([name]) => name !== source)
    this.#producers = [...others.slice(-(MAX_PRODUCERS - 1)), [source, sequence]]
    return true
  }
}

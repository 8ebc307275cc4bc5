import { addTick, type Minute, MINUTE_SECONDS, minuteOf, startMinute } from './bar-builder.ts'
import { MAX_PRODUCERS, type PendingBar, type SymbolState } from './minute-state.ts'
import { compareSequenceNumbers, isEarlier, type Producer, type Tick, type TickRun } from './tick.ts'

/** What can happen to a symbol. Time is always an argument: `now` is Unix milliseconds. */
export type SymbolEvent =
  | { readonly type: 'ticks'; readonly now: number; readonly runs: readonly TickRun[] }
  | { readonly type: 'clock'; readonly now: number }
  | { readonly type: 'flush'; readonly now: number }
  /** The first `count` bars of the outbox are on the stream `bars`. */
  | { readonly type: 'emitted'; readonly count: number }

export type Rules = {
  /**
   * How much older than the symbol's newest tick a tick of a closed minute may be, in seconds. A minute that was final
   * stays so when this is raised.
   */
  readonly latenessSeconds: number
  /** How long no tick must have been applied to a minute that is over before the clock closes it, in ms. */
  readonly graceMs: number
  /** What becomes of a tick that comes when its minute has closed, within the lateness. @default correct */
  readonly lateTicks?: 'correct' | 'refuse'
  /** Bars in the outbox from which on no tick is taken before they are emitted. @default Infinity */
  readonly maxPending?: number
}

/** What an event came to, beside the state. */
export type Outcome = {
  applied: number
  /** Ticks applied to a minute after it had closed; part of `applied`. */
  late: number
  duplicates: number
  /** Closed for the first time. */
  completed: number
  revised: number
  readonly tooLate: TooLate[]
}

/**
 * A tick older than the allowed lateness, or late where late ones are refused; never merged into another minute. `index`
 * is its place among the ticks of the run.
 */
export type TooLate = { readonly run: TickRun; readonly index: number; readonly behindSeconds: number }

/**
 * The one place where the state of a symbol changes: the next state, and what it took.
 *
 * The bars that an event completes are appended to the outbox of the state that it returns, so that committing the
 * state commits the bars. `rest` is the event that is left when they became too many for one state: to be given once
 * they are emitted.
 */
export function evolve(state: SymbolState, event: SymbolEvent, rules: Rules): Evolved {
  if (event.type === 'emitted') {
    const outbox = state.outbox.slice(event.count)
    return { state: { ...state, outbox }, outcome: nothing(), rest: undefined }
  }
  const fold = new SymbolFold(state, rules, event.now)
  let rest: SymbolEvent | undefined
  switch (event.type) {
    case 'ticks':
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
  readonly state: SymbolState
  readonly outcome: Outcome
  readonly rest: SymbolEvent | undefined
}

/** Takes runs until the outbox is full; the event with those that are left. */
function takeRuns(fold: SymbolFold, event: SymbolEvent & { type: 'ticks' }): SymbolEvent | undefined {
  for (const [index, run] of event.runs.entries()) {
    const left = fold.run(run)
    if (left !== undefined) return { ...event, runs: [left, ...event.runs.slice(index + 1)] }
  }
  return undefined
}

function nothing(): Outcome {
  return { applied: 0, late: 0, duplicates: 0, completed: 0, revised: 0, tooLate: [] }
}

/** Unix milliseconds from which the clock closes the open minute; undefined when none is open. */
export function closesAt(state: SymbolState, rules: Rules): number | undefined {
  if (state.open === undefined) return undefined
  return Math.max((state.open.start + MINUTE_SECONDS) * 1000, state.touchedAt + rules.graceMs)
}

/** The ticks of a run from one on. */
function later(run: TickRun, index: number): TickRun & { readonly from: number } {
  return { ...run, from: (run.from ?? 0) + index, ticks: run.ticks.slice(index) }
}

/** A draft of the next state; lives for one event and never leaves this file. */
class SymbolFold {
  readonly #rules: Rules
  readonly #now: number
  #sequenceNumber: string
  #taken: number
  #producers: SymbolState['producers']
  #newest: { seconds: number; nanos: number }
  #touchedAt: number
  #open: Minute | undefined
  #closed: Minute[]
  readonly #keptFrom: number
  /** Closed minutes that late ticks changed since the last close, with the arrival of the last of them. */
  readonly #corrected = new Map<Minute, number>()
  readonly #outbox: PendingBar[]
  readonly #outcome = nothing()

  constructor(state: SymbolState, rules: Rules, now: number) {
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

  /** Applies a run; what is left of it when the outbox became full. */
  run(given: TickRun): TickRun | undefined {
    const { maxPending = Infinity } = this.#rules
    if (this.#outbox.length >= maxPending) return given
    const run = this.#unseen(given)
    if (run === undefined) {
      this.#outcome.duplicates += given.ticks.length
      return undefined
    }
    this.#sequenceNumber = run.sequenceNumber
    // Counted by hand: `entries()` makes a pair for each tick, which takes a quarter of the time of the fold.
    let index = 0
    for (const tick of run.ticks) {
      if (this.#outbox.length >= maxPending && index > 0) {
        const left = later(run, index)
        this.#taken = left.from
        return left
      }
      if (this.#tick(tick, run)) this.#outcome.applied++
      else this.#outcome.tooLate.push({ run, index, behindSeconds: this.#behind(tick) })
      index++
    }
    this.#taken = 0
    return undefined
  }

  /** The ticks of a run that are not applied yet; undefined when all are. */
  #unseen(run: TickRun): TickRun | undefined {
    const { from = 0 } = run
    const order =
      this.#sequenceNumber === '' ? 1 : compareSequenceNumbers(run.sequenceNumber, this.#sequenceNumber)
    if (order === 0 && this.#taken > 0) return later(run, this.#taken - from)
    if (order <= 0) return undefined
    return run.producer === undefined || this.#heard(run.producer) ? run : undefined
  }

  /** Applies one tick; false when it is too late. */
  #tick(tick: Tick, run: TickRun): boolean {
    const open = this.#open
    if (open !== undefined && tick.seconds >= open.start && tick.seconds < open.start + MINUTE_SECONDS) {
      addTick(open, tick)
      this.#touchedAt = this.#now
    } else if (minuteOf(tick.seconds) > minuteOf(this.#newest.seconds)) {
      this.close(run.arrivedAt)
      this.#open = startMinute(tick)
      this.#touchedAt = this.#now
    } else if (!this.#correct(tick, run)) return false
    if (!isEarlier(tick, this.#newest)) this.#newest = tick
    return true
  }

  /** Applies a tick to a minute that had closed, or had no tick while it was current; false when it is too late. */
  #correct(tick: Tick, run: TickRun): boolean {
    const limit = { seconds: tick.seconds + this.#rules.latenessSeconds, nanos: tick.nanos }
    if (this.#rules.lateTicks === 'refuse' || isEarlier(limit, this.#newest)) return false
    const start = minuteOf(tick.seconds)
    // Final under a smaller lateness than today's, and its ticks are no longer known.
    if (start < this.#keptFrom) return false
    this.#outcome.late++
    const index = this.#closed.findIndex((minute) => minute.start >= start)
    const found = index < 0 ? undefined : this.#closed[index]
    if (found === undefined || found.start !== start) {
      const minute = startMinute(tick)
      this.#closed.splice(index < 0 ? this.#closed.length : index, 0, minute)
      this.#corrected.set(minute, run.arrivedAt)
      return true
    }
    const minute = this.#corrected.has(found) ? found : { ...found }
    addTick(minute, tick)
    if (start === minuteOf(this.#newest.seconds)) {
      // The clock or a flush closed the newest minute and it goes on: it is open again.
      this.#closed.splice(index, 1)
      this.#open = minute
      this.#touchedAt = this.#now
    } else {
      this.#closed[index] = minute
      this.#corrected.set(minute, run.arrivedAt)
    }
    return true
  }

  clock(): void {
    const open = this.#open
    const now = this.#now
    if (open === undefined) return
    const over = (open.start + MINUTE_SECONDS) * 1000
    if (now >= over && now - this.#touchedAt >= this.#rules.graceMs)
      this.close(Math.max(over, this.#touchedAt))
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

  #emit(minute: Minute, closedAt: number): void {
    if (minute.revision === 0) this.#outcome.completed++
    else this.#outcome.revised++
    minute.revision++
    this.#outbox.push({ minute, closedAt })
  }

  #emitCorrected(): void {
    const inOrder = [...this.#corrected].toSorted(([one], [other]) => one.start - other.start)
    for (const [minute, closedAt] of inOrder) this.#emit(minute, closedAt)
    this.#corrected.clear()
  }

  end(): { state: SymbolState; outcome: Outcome } {
    this.#emitCorrected()
    const oldest = this.#newest.seconds - this.#rules.latenessSeconds - MINUTE_SECONDS
    const dropped = this.#closed.findLast((minute) => minute.start <= oldest)
    return {
      state: {
        sequenceNumber: this.#sequenceNumber,
        taken: this.#taken,
        producers: this.#producers,
        newest: { seconds: this.#newest.seconds, nanos: this.#newest.nanos },
        touchedAt: this.#touchedAt,
        open: this.#open,
        closed: this.#closed.filter((minute) => minute.start > oldest),
        keptFrom: dropped === undefined ? this.#keptFrom : dropped.start + MINUTE_SECONDS,
        outbox: this.#outbox,
      },
      outcome: this.#outcome,
    }
  }

  #behind(tick: Tick): number {
    return this.#newest.seconds - tick.seconds + (this.#newest.nanos - tick.nanos) / 1e9
  }

  /** Notes a producer's record number; false when that record was applied before. */
  #heard({ source, sequence }: Producer): boolean {
    const last = this.#producers.find(([name]) => name === source)
    if (last !== undefined && sequence <= last[1]) return false
    const others = this.#producers.filter(([name]) => name !== source)
    this.#producers = [...others.slice(-(MAX_PRODUCERS - 1)), [source, sequence]]
    return true
  }
}

import { type Bar, barOf } from '../domain/bar.ts'
import { addTrades, type BarBuilder, hasPrices, minuteOf, startBar } from '../domain/bar-builder.ts'
import {
  ageGaps,
  isMissingFrom,
  type LineState,
  mayHold,
  missingIn,
  startLine,
  takeId,
} from '../domain/lines.ts'
import { NO_ID, type Trades, tradesOf } from '../domain/trade.ts'
import { appliedTrades } from './applied-trades.ts'
import { distinctTrades } from './distinct-trades.ts'
import type { PlainHour } from './plain-hour.ts'
import { lineOf, type Row } from './row.ts'
import type { SymbolHour } from './symbol-hour.ts'

/** A minute as the archive has it. */
export type RebuiltMinute = {
  /** Undefined where no trade sets a price. */
  readonly bar: Bar | undefined
  /** Trades that the archive has of it, cancelled ones included. */
  readonly archived: number
  /** Unix milliseconds at which the stream took the last of them. */
  readonly arrivedAt: number
  /** False where a line begins in it: whether trades before its first are missing, nothing tells. */
  readonly isAnchored: boolean
}

type Minute = { readonly builder: BarBuilder; archived: number; arrivedAt: number; isAnchored: boolean }

/**
 * Folds the trades of a symbol hour by hour, with the functions by which the aggregator folds them as they come. The
 * minutes of an hour are told when the hour after it has been taken: it shows whether trades between them are missing.
 */
export class RebuiltSymbol {
  readonly #symbol: string
  readonly #lines = new Map<string, LineState>()
  #minutes = new Map<number, Minute>()

  constructor(symbol: string) {
    this.#symbol = symbol
  }

  /**
   * Takes what the archive has of the next hour; the minutes of the hour before, by their start (Unix seconds).
   *
   * @param hour Unix seconds of its start
   */
  take(hour: number, archived: SymbolHour | undefined): ReadonlyMap<number, RebuiltMinute> {
    const before = this.#minutes
    this.#minutes = new Map()
    const minutes = (): readonly Minute[] => [...before.values(), ...this.#minutes.values()]
    if (archived?.type === 'plain') this.#takePlain(archived.plain, minutes)
    if (archived?.type === 'rows') this.#takeRows(archived.rows, minutes)
    const told = new Map([...before].map(([start, minute]) => [start, this.#told(minute)]))
    for (const [name, line] of this.#lines) this.#lines.set(name, ageGaps(line, hour).line)
    return told
  }

  #takePlain({ trades, arrivedAt, line, isCounted }: PlainHour, minutes: () => readonly Minute[]): void {
    const { seconds, ids } = trades.columns
    this.#addTrades(trades, (minute, from, to) => {
      minute.archived += to - from
      for (let at = from; at < to; at++) minute.arrivedAt = Math.max(minute.arrivedAt, arrivedAt[at] ?? 0)
      if (!isCounted) minute.builder.uncounted = true
    })
    if (isCounted) this.#takeIds(line, { ids, seconds }, minutes())
  }

  #takeRows(rows: readonly Row[], minutes: () => readonly Minute[]): void {
    const distinct = distinctTrades(rows)
    const { trades, cancelled } = appliedTrades(distinct)
    for (const { of, at } of rows) {
      const minute = this.#minuteAt(of.seconds[at] ?? 0)
      minute.arrivedAt = Math.max(minute.arrivedAt, of.arrivedAt[at] ?? 0)
    }
    for (const { seconds } of [...trades, ...cancelled]) this.#minuteAt(seconds).archived++
    this.#addTrades(tradesOf(trades), ({ builder }, from, to) => {
      if (trades.slice(from, to).some(({ isCounted }) => !isCounted)) builder.uncounted = true
    })
    const counted = [...distinct.trades, ...distinct.changes].filter(
      ({ of, at }) => of.contiguous[at] === true && of.id[at] !== NO_ID,
    )
    for (const [name, ofLine] of Map.groupBy(counted, lineOf)) {
      const idOf = ({ of, at }: Row): number => of.id[at] ?? 0
      const inOrder = ofLine.toSorted((one, other) => idOf(one) - idOf(other))
      const ids = Float64Array.from(inOrder, idOf)
      const seconds = Float64Array.from(inOrder, ({ of, at }) => of.seconds[at] ?? 0)
      this.#takeIds(name, { ids, seconds }, minutes())
    }
  }

  /** Adds trades to their bars, minute by minute, each of which is told first, with the places of its trades. */
  #addTrades(trades: Trades, tell: (minute: Minute, from: number, to: number) => void): void {
    const { seconds } = trades.columns
    for (let from = 0; from < trades.to;) {
      const minute = this.#minuteAt(seconds[from] ?? 0)
      let to = from + 1
      while (to < trades.to && minuteOf(seconds[to] ?? 0) === minute.builder.start) to++
      tell(minute, from, to)
      addTrades(minute.builder, trades, { from, to })
      from = to
    }
  }

  #minuteAt(seconds: number): Minute {
    const start = minuteOf(seconds)
    const known = this.#minutes.get(start)
    if (known !== undefined) return known
    const minute = { builder: startBar(start), archived: 0, arrivedAt: 0, isAnchored: true }
    this.#minutes.set(start, minute)
    return minute
  }

  /** Notes which ids of a contiguous line have come, in their order, so that a gap is one that stays. */
  #takeIds(
    name: string,
    { ids, seconds }: { readonly ids: Float64Array; readonly seconds: Float64Array },
    minutes: readonly Minute[],
  ): void {
    for (let from = 0; from < ids.length;) {
      const taken = { id: ids[from] ?? 0, minute: minuteOf(seconds[from] ?? 0) }
      let to = from + 1
      while (to < ids.length && ids[to] === taken.id + to - from) to++
      const line = this.#takeId(name, taken, minutes)
      // Ids that follow without a hole fill nothing where the first of them was the newest.
      if (line.through === taken.id)
        this.#lines.set(name, {
          ...line,
          through: taken.id + to - 1 - from,
          minute: minuteOf(seconds[to - 1] ?? 0),
        })
      from = line.through === taken.id ? to : from + 1
    }
  }

  #takeId(
    name: string,
    taken: { readonly id: number; readonly minute: number },
    minutes: readonly Minute[],
  ): LineState {
    const line = this.#lines.get(name)
    if (line === undefined) {
      const started = startLine({ name, isContiguous: true }, taken)
      this.#lines.set(name, started)
      const first = this.#minutes.get(taken.minute)
      if (first !== undefined) first.isAnchored = false
      return started
    }
    const { line: next, forgotten } = takeId(line, taken)
    this.#lines.set(name, next)
    for (const gap of forgotten)
      if (missingIn(line, gap) > 0)
        for (const { builder } of minutes) if (mayHold(gap, builder.start)) builder.damaged = true
    return next
  }

  #told({ builder, archived, arrivedAt, isAnchored }: Minute): RebuiltMinute {
    const isMissing =
      builder.damaged || [...this.#lines.values()].some((line) => isMissingFrom(line, builder.start))
    builder.said = isMissing ? false : builder.uncounted ? null : true
    const bar = hasPrices(builder) ? barOf(this.#symbol, builder, { closedAt: 0 }) : undefined
    return { bar, archived, arrivedAt, isAnchored }
  }
}

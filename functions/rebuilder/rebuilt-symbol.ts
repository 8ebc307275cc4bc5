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
import { NO_ID, tradesOf } from '../domain/trade.ts'
import { appliedTrades } from './applied-trades.ts'
import { distinctTrades } from './distinct-trades.ts'
import { lineOf, type Row } from './row.ts'

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
   * Takes the rows of the next hour; the minutes of the hour before, by their start (Unix seconds).
   *
   * @param hour Unix seconds of its start
   */
  take(hour: number, rows: readonly Row[]): ReadonlyMap<number, RebuiltMinute> {
    const before = this.#minutes
    this.#minutes = new Map()
    const distinct = distinctTrades(rows)
    const { trades, cancelled } = appliedTrades(distinct)
    for (const row of rows) this.#note(row)
    for (const { seconds } of [...trades, ...cancelled]) this.#minuteAt(seconds).archived++
    const columns = tradesOf(trades)
    for (let from = 0; from < trades.length;) {
      const minute = this.#minuteAt(trades[from]?.seconds ?? 0)
      let to = from
      while (to < trades.length && minuteOf(trades[to]?.seconds ?? 0) === minute.builder.start) {
        if (trades[to]?.isCounted === false) minute.builder.uncounted = true
        to++
      }
      addTrades(minute.builder, columns, { from, to })
      from = to
    }
    this.#takeIds([...distinct.trades, ...distinct.changes], [...before.values(), ...this.#minutes.values()])
    const told = new Map([...before].map(([start, minute]) => [start, this.#told(minute)]))
    for (const [name, line] of this.#lines) this.#lines.set(name, ageGaps(line, hour).line)
    return told
  }

  #minuteAt(seconds: number): Minute {
    const start = minuteOf(seconds)
    const known = this.#minutes.get(start)
    if (known !== undefined) return known
    const minute = { builder: startBar(start), archived: 0, arrivedAt: 0, isAnchored: true }
    this.#minutes.set(start, minute)
    return minute
  }

  #note({ of, at }: Row): void {
    const minute = this.#minuteAt(of.seconds[at] ?? 0)
    minute.arrivedAt = Math.max(minute.arrivedAt, of.arrivedAt[at] ?? 0)
  }

  /** Notes which ids of contiguous lines have come: each line's in their order, so that a gap is one that stays. */
  #takeIds(rows: readonly Row[], minutes: readonly Minute[]): void {
    const counted = rows.filter(({ of, at }) => of.contiguous[at] === true && of.id[at] !== NO_ID)
    for (const [name, ofLine] of Map.groupBy(counted, lineOf)) {
      const inOrder = ofLine
        .map(({ of, at }) => ({ id: of.id[at] ?? 0, minute: minuteOf(of.seconds[at] ?? 0) }))
        .toSorted((one, other) => one.id - other.id)
      for (const taken of inOrder) {
        const line = this.#lines.get(name)
        if (line === undefined) {
          this.#lines.set(name, startLine({ name, isContiguous: true }, taken))
          const first = this.#minutes.get(taken.minute)
          if (first !== undefined) first.isAnchored = false
          continue
        }
        const { line: next, forgotten } = takeId(line, taken)
        this.#lines.set(name, next)
        for (const gap of forgotten)
          if (missingIn(line, gap) > 0)
            for (const { builder } of minutes) if (mayHold(gap, builder.start)) builder.damaged = true
      }
    }
  }

  #told({ builder, archived, arrivedAt, isAnchored }: Minute): RebuiltMinute {
    const isMissing =
      builder.damaged || [...this.#lines.values()].some((line) => isMissingFrom(line, builder.start))
    builder.said = isMissing ? false : builder.uncounted ? null : true
    const bar = hasPrices(builder) ? barOf(this.#symbol, builder, { closedAt: 0 }) : undefined
    return { bar, archived, arrivedAt, isAnchored }
  }
}

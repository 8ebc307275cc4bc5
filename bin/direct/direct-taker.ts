import { StopReading } from '../../feed/errors.ts'
import type { TradeTable } from '../../feed/files/read-trades.ts'
import type { TradeRow } from '../../feed/files/row-reader.ts'
import { NO_PLAIN_ID, type TradeTaker } from '../../feed/files/trade-taker.ts'
import type { FeedTick, TickLine } from '../../feed/tick.ts'
import { isSymbol } from '../../functions/domain/trade.ts'
import type { Refusal } from '../stage/check-trade.ts'
import type { RejectedRow } from '../stage/gather-trades.ts'
import type { TradeCounts } from '../stage/trade-counts.ts'
import { timeOf } from '../../feed/files/sort-trades.ts'
import type { TradeFold } from './trade-fold.ts'

/** A trade of a symbol that happened before the one before it, or may repeat it: the trades are to be sorted first. */
export class OutOfOrder extends StopReading {
  override readonly name = 'OutOfOrder'
}

export type DirectTakerOptions = {
  readonly counts: TradeCounts
  readonly foldOf: (symbol: string) => TradeFold
  readonly check: (tick: FeedTick) => Refusal | undefined
  readonly onTable: (table: TradeTable) => void
  readonly onRejected: (row: RejectedRow) => void
}

/** The last trade of a symbol, and the ids of its moment. */
type Sequence = {
  readonly fold: TradeFold
  seconds: number
  nanos: number
  order: number
  /** The highest of the ids of its moment; −1 where none has one, Infinity where they do not tell whether one is new. */
  highest: number
}

/** Folds the rows of files as they come, as long as the trades of each symbol are in the order of their time. */
export class DirectTaker implements TradeTaker {
  readonly #options: DirectTakerOptions
  readonly #numbers = new Map<string, number>()
  readonly #sequences: Sequence[] = []
  #label = ''
  #line: TickLine | undefined

  constructor(options: DirectTakerOptions) {
    this.#options = options
  }

  begin(table: TradeTable, line: TickLine | undefined): void {
    this.#label = table.label
    this.#line = line
    this.#options.onTable(table)
  }

  symbol(name: string): number | undefined {
    return isSymbol(name) ? this.#numberOf(name) : undefined
  }

  add(
    symbol: number,
    seconds: number,
    nanos: number,
    price: number,
    priceScale: number,
    volume: number,
    volumeScale: number,
    id: number,
  ): void {
    const { counts } = this.#options
    counts.read++
    const sequence = this.#sequences[symbol]
    if (sequence === undefined) throw new RangeError(`no symbol has the number ${symbol}`)
    follow(sequence, seconds, nanos, 0)
    if (id !== NO_PLAIN_ID) {
      if (id <= sequence.highest) throw new OutOfOrder()
      sequence.highest = id
    }
    counts.put++
    sequence.fold.add(seconds, nanos, price, priceScale, volume, volumeScale, id, this.#line)
  }

  row(row: TradeRow): void {
    const { counts, check } = this.#options
    counts.read++
    const { place, text } = row
    if (row.type === 'left-out') return counts.leaveOut(row.reason)
    if (row.type === 'bad-row')
      return this.#reject({ label: this.#label, place, text, reason: 'bad-row', detail: row.reason })
    const refusal = check(row.tick)
    if (refusal !== undefined) return this.#reject({ label: this.#label, place, text, ...refusal })
    const { tick, order = 0, identity } = row
    if (tick.conditions !== undefined) counts.withConditions++
    const sequence = this.#sequences[this.#numberOf(tick.symbol)]
    if (sequence === undefined) return
    const time = timeOf(tick.timestamp)
    const { seconds, nanos } = time
    follow(sequence, seconds, nanos, order)
    if (identity !== undefined) {
      // Which of the moment have the same is known to who sorts them.
      if (sequence.highest !== -1) throw new OutOfOrder()
      sequence.highest = Infinity
    }
    counts.put++
    sequence.fold.tick(tick, time)
  }

  #reject(row: RejectedRow): void {
    this.#options.counts.reject(row.reason)
    this.#options.onRejected(row)
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#sequences.length
    const fold = this.#options.foldOf(name)
    this.#sequences.push({ fold, seconds: -1, nanos: 0, order: 0, highest: -1 })
    this.#numbers.set(name, number)
    return number
  }
}

/** Goes on to the moment of the next trade. */
function follow(sequence: Sequence, seconds: number, nanos: number, order: number): void {
  const before = sequence.seconds
  if (seconds === before && nanos === sequence.nanos) {
    if (order < sequence.order) throw new OutOfOrder()
    sequence.order = order
    return
  }
  if (seconds < before || (seconds === before && nanos < sequence.nanos)) throw new OutOfOrder()
  sequence.seconds = seconds
  sequence.nanos = nanos
  sequence.order = order
  sequence.highest = -1
}

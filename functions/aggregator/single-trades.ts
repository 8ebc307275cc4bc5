import { POWERS } from '../domain/decimal.ts'
import {
  compareSequenceNumbers,
  countOf,
  type TradeColumns,
  type TradeRun,
  type Trades,
} from '../domain/trade.ts'
import type { Parsed } from '../shared/streams/consume.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'
import type { ParsedRecord } from './parsed-record.ts'
import { emptyColumns, MAX_UNITS } from './trade-buffer.ts'

/** True for one trade of which a record says nothing else: neither id nor producer. */
export function isSingle({ type, producer, line, trades, rejections }: ParsedRecord): boolean {
  return (
    type === 'trade' &&
    producer === undefined &&
    line === undefined &&
    countOf(trades) === 1 &&
    !trades.hasIds &&
    !trades.hasUpdates &&
    trades.wide === undefined &&
    rejections.length === 0
  )
}

/** Puts the trades of records that hold one each beside each other, symbol after symbol, so that they are folded in one go. */
export class SingleTrades {
  readonly #capacity: number
  #columns: TradeColumns | undefined
  #arrivals = NO_ARRIVALS
  readonly #sequenceNumbers: string[] = []
  #length = 0

  /** @param capacity records of the batch */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /**
   * The run of some records of one symbol; undefined where they are to be runs of their own: few records, which take no
   * longer so, records of several shards or not in their order, and units that doubles cannot share.
   */
  runOf(records: readonly Parsed<ParsedRecord>[]): TradeRun | undefined {
    const last = records.at(-1)?.record
    if (last === undefined || records.length < FEWEST) return undefined
    const scales = scalesOf(records)
    const shard = shardOf(last)
    const columns = this.#reserve()
    const from = this.#length
    let before = ''
    for (const { record, item } of records) {
      const { sequenceNumber } = record.kinesis
      const isNext = before === '' || compareSequenceNumbers(sequenceNumber, before) > 0
      if (!isNext || shardOf(record) !== shard || !this.#add(columns, item.trades, scales)) {
        this.#length = from
        return undefined
      }
      this.#arrivals[this.#length] = arrivalOf(record)
      this.#sequenceNumbers[this.#length] = sequenceNumber
      this.#length++
      before = sequenceNumber
    }
    return {
      shard,
      sequenceNumber: last.kinesis.sequenceNumber,
      arrivedAt: arrivalOf(last),
      producer: undefined,
      line: undefined,
      type: 'trade',
      trades: {
        columns,
        from,
        to: this.#length,
        priceScale: scales.price,
        volumeScale: scales.volume,
        isOrdered: isOrdered(columns, { from, to: this.#length }),
        hasIds: false,
        hasUpdates: false,
        wide: undefined,
      },
      records: { sequenceNumbers: this.#sequenceNumbers, arrivals: this.#arrivals },
    }
  }

  /** Writes a trade behind the others; false where its units are no exact doubles at these scales. */
  #add(columns: TradeColumns, trades: Trades, scales: Scales): boolean {
    const { columns: given, from, priceScale, volumeScale } = trades
    const price = (given.price[from] ?? 0) * (POWERS[scales.price - priceScale] ?? Infinity)
    const volume = (given.volume[from] ?? 0) * (POWERS[scales.volume - volumeScale] ?? Infinity)
    if (!(price <= MAX_UNITS && price >= -MAX_UNITS && volume <= MAX_UNITS)) return false
    const index = this.#length
    columns.seconds[index] = given.seconds[from] ?? 0
    columns.nanos[index] = given.nanos[from] ?? 0
    columns.price[index] = price
    columns.volume[index] = volume
    return true
  }

  #reserve(): TradeColumns {
    if (this.#columns === undefined) {
      this.#columns = emptyColumns(this.#capacity)
      this.#arrivals = new Float64Array(this.#capacity)
    }
    return this.#columns
  }
}

const FEWEST = 4
const NO_ARRIVALS = new Float64Array(0)

type Scales = { readonly price: number; readonly volume: number }

/** The finest units of some records. */
function scalesOf(records: readonly Parsed<ParsedRecord>[]): Scales {
  let price = 0
  let volume = 0
  for (const { item } of records) {
    const { priceScale, volumeScale } = item.trades
    if (priceScale > price) price = priceScale
    if (volumeScale > volume) volume = volumeScale
  }
  return { price, volume }
}

function isOrdered(
  { seconds, nanos }: TradeColumns,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  for (let index = from + 1; index < to; index++) {
    const second = seconds[index] ?? 0
    const before = seconds[index - 1] ?? 0
    if (second < before || (second === before && (nanos[index] ?? 0) < (nanos[index - 1] ?? 0))) return false
  }
  return true
}

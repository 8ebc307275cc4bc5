import { POWERS } from '../domain/decimal.ts'
import { NO_ID, type TradeColumns, type Trades } from '../domain/trade.ts'

/** Units that a column holds so that sums of two are exact. */
const MAX_UNITS = 2 ** 52

/**
 * The columns that the trades of a batch share, filled a record at a time: what was given away is never changed, since a
 * record only writes behind it, and larger columns are new ones.
 */
export class TradeBuffer {
  #columns: TradeColumns
  #capacity: number
  #start = 0
  #length = 0
  #priceScale = 0
  #volumeScale = 0
  #maxPrice = 0
  #maxVolume = 0
  #isOrdered = true
  #hasIds = false

  constructor(capacity: number) {
    this.#capacity = Math.max(16, capacity)
    this.#columns = emptyColumns(this.#capacity)
  }

  /** Begins a record; what was added since the last `end` is dropped. */
  begin(): void {
    if (this.#hasIds) this.#columns.ids.fill(NO_ID, this.#start, this.#length + 1)
    this.#length = this.#start
    // A record of one trade may give its price before its time.
    if (this.#length === this.#capacity) this.#grow()
    this.#priceScale = 0
    this.#volumeScale = 0
    this.#maxPrice = 0
    this.#maxVolume = 0
    this.#isOrdered = true
    this.#hasIds = false
  }

  /** Notes when the next trade happened, and its id. */
  time(seconds: number, nanos: number): void {
    if (this.#length === this.#capacity) this.#grow()
    const { seconds: times, nanos: fractions } = this.#columns
    const index = this.#length
    times[index] = seconds
    fractions[index] = nanos
    if (index > this.#start) {
      const before = times[index - 1] ?? 0
      if (seconds < before || (seconds === before && nanos < (fractions[index - 1] ?? 0)))
        this.#isOrdered = false
    }
  }

  /** Its price; false when the record's prices cannot share their units in doubles. */
  price(units: number, scale: number): boolean {
    const raise = scale - this.#priceScale
    if (raise > 0) {
      if (!rescaled(this.#columns.price, { from: this.#start, to: this.#length, max: this.#maxPrice, raise }))
        return false
      this.#maxPrice *= POWERS[raise] ?? 0
      this.#priceScale = scale
    }
    const value = raise < 0 ? units * (POWERS[-raise] ?? Infinity) : units
    const size = value < 0 ? -value : value
    if (size > MAX_UNITS) return false
    if (size > this.#maxPrice) this.#maxPrice = size
    this.#columns.price[this.#length] = value
    return true
  }

  /** Its volume, likewise. */
  volume(units: number, scale: number): boolean {
    const raise = scale - this.#volumeScale
    if (raise > 0) {
      if (
        !rescaled(this.#columns.volume, { from: this.#start, to: this.#length, max: this.#maxVolume, raise })
      )
        return false
      this.#maxVolume *= POWERS[raise] ?? 0
      this.#volumeScale = scale
    }
    const value = raise < 0 ? units * (POWERS[-raise] ?? Infinity) : units
    if (value > MAX_UNITS) return false
    if (value > this.#maxVolume) this.#maxVolume = value
    this.#columns.volume[this.#length] = value
    return true
  }

  /** Its id; a trade without one needs no call. */
  id(id: number): void {
    if (this.#columns.ids.length === 0)
      this.#columns = { ...this.#columns, ids: new Float64Array(this.#capacity).fill(NO_ID) }
    this.#columns.ids[this.#length] = id
    this.#hasIds = true
  }

  /** Ends the trade that was begun with its time. */
  next(): void {
    this.#length++
  }

  /** Ends the record: its trades. */
  end(): Trades {
    const from = this.#start
    const hasIds = this.#hasIds
    this.#start = this.#length
    // What is given away is not dropped by the next record.
    this.#hasIds = false
    return {
      columns: this.#columns,
      from,
      to: this.#length,
      priceScale: this.#priceScale,
      volumeScale: this.#volumeScale,
      isOrdered: this.#isOrdered,
      hasIds,
      hasUpdates: false,
      wide: undefined,
    }
  }

  #grow(): void {
    const { seconds, nanos, price, volume, ids } = this.#columns
    this.#capacity *= 2
    const larger = emptyColumns(this.#capacity, { hasIds: ids.length > 0 })
    larger.seconds.set(seconds)
    larger.nanos.set(nanos)
    larger.price.set(price)
    larger.volume.set(volume)
    larger.ids.set(ids)
    this.#columns = larger
  }
}

const NO_IDS = new Float64Array(0)
const NO_UPDATES = new Uint8Array(0)

/** Columns of trades that update all. */
function emptyColumns(length: number, { hasIds = false }: { readonly hasIds?: boolean } = {}): TradeColumns {
  return {
    seconds: new Float64Array(length),
    nanos: new Float64Array(length),
    price: new Float64Array(length),
    volume: new Float64Array(length),
    ids: hasIds ? new Float64Array(length).fill(NO_ID) : NO_IDS,
    updates: NO_UPDATES,
  }
}

/** Multiplies places of a column by 10^raise; false when the largest would not be exact. */
function rescaled(
  column: Float64Array,
  {
    from,
    to,
    max,
    raise,
  }: { readonly from: number; readonly to: number; readonly max: number; readonly raise: number },
): boolean {
  const factor = POWERS[raise] ?? Infinity
  if (max * factor > MAX_UNITS) return false
  for (let index = from; index < to; index++) column[index] = (column[index] ?? 0) * factor
  return true
}

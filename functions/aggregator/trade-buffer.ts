import { POWERS } from '../domain/decimal.ts'
import { NO_ID, type TradeColumns, type Trades } from '../domain/trade.ts'

/** Units that a column holds so that sums of two are exact. */
export const MAX_UNITS = 2 ** 52

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

  /** @param capacity trades that are expected; more are taken as well */
  constructor(capacity: number) {
    this.#capacity = Math.max(16, capacity)
    this.#columns = emptyColumns(this.#capacity)
  }

  /** Trades of the record so far. */
  get count(): number {
    return this.#length - this.#start
  }

  /** Begins with the first place again, where nobody reads any more what was given away. */
  reuse(): void {
    if (this.#columns.ids.length > 0) this.#columns.ids.fill(NO_ID)
    this.#start = 0
    this.#hasIds = false
    this.begin()
  }

  /** Begins a record; what was added since the last `end` is dropped. */
  begin(): void {
    if (this.#hasIds) this.#columns.ids.fill(NO_ID, this.#start, this.#length)
    this.#length = this.#start
    this.#priceScale = 0
    this.#volumeScale = 0
    this.#maxPrice = 0
    this.#maxVolume = 0
    this.#isOrdered = true
    this.#hasIds = false
  }

  /**
   * Adds a trade: `price · 10^-priceScale`, `volume · 10^-volumeScale`, the volume not negative. False when the record's
   * trades cannot share their units in doubles; the record is then to be dropped.
   */
  add(
    seconds: number,
    nanos: number,
    price: number,
    priceScale: number,
    volume: number,
    volumeScale: number,
    id: number,
  ): boolean {
    const index = this.#length
    if (index === this.#capacity) this.#grow()
    const columns = this.#columns
    let units = price
    if (priceScale !== this.#priceScale) {
      if (priceScale > this.#priceScale && !this.#raisePrices(priceScale)) return false
      units *= POWERS[this.#priceScale - priceScale] ?? Infinity
    }
    let size = volume
    if (volumeScale !== this.#volumeScale) {
      if (volumeScale > this.#volumeScale && !this.#raiseVolumes(volumeScale)) return false
      size *= POWERS[this.#volumeScale - volumeScale] ?? Infinity
    }
    const distance = units < 0 ? -units : units
    if (distance > this.#maxPrice) {
      if (distance > MAX_UNITS) return false
      this.#maxPrice = distance
    }
    if (size > this.#maxVolume) {
      if (size > MAX_UNITS) return false
      this.#maxVolume = size
    }
    columns.price[index] = units
    columns.volume[index] = size
    columns.seconds[index] = seconds
    columns.nanos[index] = nanos
    if (index > this.#start && this.#isOrdered) {
      const before = columns.seconds[index - 1] ?? 0
      if (seconds < before || (seconds === before && nanos < (columns.nanos[index - 1] ?? 0)))
        this.#isOrdered = false
    }
    if (id !== NO_ID) this.#setId(index, id)
    this.#length = index + 1
    return true
  }

  #raisePrices(scale: number): boolean {
    const raise = scale - this.#priceScale
    const { price } = this.#columns
    if (!rescaled(price, { from: this.#start, to: this.#length, max: this.#maxPrice, raise })) return false
    this.#maxPrice *= POWERS[raise] ?? 0
    this.#priceScale = scale
    return true
  }

  #raiseVolumes(scale: number): boolean {
    const raise = scale - this.#volumeScale
    const { volume } = this.#columns
    if (!rescaled(volume, { from: this.#start, to: this.#length, max: this.#maxVolume, raise })) return false
    this.#maxVolume *= POWERS[raise] ?? 0
    this.#volumeScale = scale
    return true
  }

  #setId(index: number, id: number): void {
    this.#addIds()
    this.#columns.ids[index] = id
    this.#hasIds = true
  }

  #addIds(): void {
    if (this.#columns.ids.length === 0)
      this.#columns = { ...this.#columns, ids: new Float64Array(this.#capacity).fill(NO_ID) }
  }

  /** Begins a record of so many trades, for a reader that fills their columns from a place on, and calls `endFilled`. */
  fill(
    count: number,
    { hasIds }: { readonly hasIds: boolean },
  ): { readonly columns: TradeColumns; readonly from: number } {
    this.begin()
    while (this.#start + count > this.#capacity) this.#grow()
    if (hasIds) this.#addIds()
    this.#length = this.#start + count
    this.#hasIds = hasIds
    return { columns: this.#columns, from: this.#start }
  }

  /** Ends a record that was filled: its trades. */
  endFilled(
    trades: Pick<Trades, 'from' | 'to' | 'priceScale' | 'volumeScale' | 'isOrdered' | 'hasIds'>,
  ): Trades {
    this.#start = this.#length
    this.#hasIds = false
    const { from, to, priceScale, volumeScale, isOrdered, hasIds } = trades
    return {
      columns: this.#columns,
      from,
      to,
      priceScale,
      volumeScale,
      isOrdered,
      hasIds,
      hasUpdates: false,
      wide: undefined,
    }
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
export function emptyColumns(
  length: number,
  { hasIds = false }: { readonly hasIds?: boolean } = {},
): TradeColumns {
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

import type { FeedTick, TickLine } from '../tick.ts'
import type { Item, PlacedTrade } from './sorted-run.ts'

/** Texts of a trade in the order in which their characters are kept; the length of one that is undefined is `NONE`. */
const TEXTS = 7
const NONE = 255
/** By their number in a column. */
const SIDES = [undefined, 'buy', 'sell'] as const
const OTHER_CHARACTERS = /[\u0100-\uFFFF]/
const FIRST_ROWS = 4096
const FIRST_BYTES = 64 * FIRST_ROWS

/**
 * Trades in columns and their texts in bytes: a third of the memory that an object for each takes, and nothing for the garbage
 * collector to visit. A trade with other characters than Latin-1 has, or with a long text, is kept as it is.
 */
export class HeldTrades {
  #count = 0
  #bytes = 0
  #rows = new Rows(FIRST_ROWS)
  #text = Buffer.allocUnsafe(FIRST_BYTES)
  readonly #symbols = new Numbers<string>()
  readonly #lines = new Numbers<string, TickLine | undefined>()
  readonly #others = new Map<number, PlacedTrade>()

  get count(): number {
    return this.#count
  }

  /** @param index counts the trades of a file as they come */
  add(trade: PlacedTrade, { seconds, nanos }: { seconds: number; nanos: number }, index: number): void {
    const { tick, file, place, order = Number.NaN, identity } = trade
    const { symbol, timestamp, price, volume, id, conditions, tape, line, side } = tick
    const row = this.#count++
    if (row === this.#rows.seconds.length) this.#rows = this.#rows.grown()
    const rows = this.#rows
    rows.seconds[row] = seconds
    rows.nanos[row] = nanos
    rows.files[row] = file
    rows.places[row] = place
    rows.indexes[row] = index
    rows.orders[row] = order
    rows.symbols[row] = this.#symbols.of(symbol, symbol)
    rows.lines[row] = this.#lines.of(line === undefined ? '' : `${line.isContiguous} ${line.name}`, line)
    rows.sides[row] = SIDES.indexOf(side)
    rows.starts[row] = this.#bytes
    const text = `${timestamp}${price}${volume}${id ?? ''}${conditions ?? ''}${tape ?? ''}${identity ?? ''}`
    const lengths = rows.lengths.subarray(row * TEXTS, (row + 1) * TEXTS)
    lengths[0] = timestamp.length
    lengths[1] = price.length
    lengths[2] = volume.length
    lengths[3] = id?.length ?? NONE
    lengths[4] = conditions?.length ?? NONE
    lengths[5] = tape?.length ?? NONE
    lengths[6] = identity?.length ?? NONE
    if (text.length >= NONE || OTHER_CHARACTERS.test(text)) this.#others.set(row, trade)
    else this.#write(text)
  }

  #write(text: string): void {
    if (this.#bytes + text.length > this.#text.length) {
      const larger = Buffer.allocUnsafe(this.#text.length * 2)
      this.#text.copy(larger, 0, 0, this.#bytes)
      this.#text = larger
    }
    this.#text.write(text, this.#bytes, 'latin1')
    this.#bytes += text.length
  }

  /** Places of all trades in order. */
  sorted(isNewestFirst: (file: number) => boolean): Uint32Array {
    const places = new Uint32Array(this.#count).map((_, row) => row)
    const { seconds, nanos, orders, files, indexes } = this.#rows
    const of = (column: Float64Array | Int32Array, row: number): number => column[row] ?? 0
    const compare = (one: number, other: number): number => {
      const byTime = of(seconds, one) - of(seconds, other) || of(nanos, one) - of(nanos, other)
      if (byTime !== 0) return byTime
      const byOrder = (of(orders, one) || 0) - (of(orders, other) || 0)
      if (byOrder !== 0) return byOrder
      const file = of(files, one)
      if (file !== of(files, other)) return file - of(files, other)
      const byIndex = of(indexes, one) - of(indexes, other)
      return isNewestFirst(file) ? -byIndex : byIndex
    }
    for (let row = 1; row < this.#count; row++) if (compare(row - 1, row) > 0) return places.toSorted(compare)
    return places
  }

  at(row: number): Item {
    const { seconds, nanos, files, places, indexes, orders, symbols, lines } = this.#rows
    const order = orders[row] ?? Number.NaN
    const texts = this.#others.get(row)
    const { tick, identity } =
      texts ?? this.#textsAt(row, this.#symbols.at(symbols[row] ?? 0) ?? '', this.#lines.at(lines[row] ?? 0))
    return {
      tick,
      file: files[row] ?? 0,
      place: places[row] ?? 0,
      index: indexes[row] ?? 0,
      order: Number.isNaN(order) ? undefined : order,
      identity,
      seconds: seconds[row] ?? 0,
      nanos: nanos[row] ?? 0,
    }
  }

  #textsAt(
    row: number,
    symbol: string,
    line: TickLine | undefined,
  ): { readonly tick: FeedTick; readonly identity: string | undefined } {
    const { lengths, starts } = this.#rows
    const start = starts[row] ?? 0
    const end = row + 1 < this.#count ? (starts[row + 1] ?? 0) : this.#bytes
    const text = this.#text.toString('latin1', start, end)
    let from = 0
    const next = (place: number): string | undefined => {
      const length = lengths[row * TEXTS + place] ?? NONE
      return length === NONE ? undefined : text.slice(from, (from += length))
    }
    const tick: FeedTick = {
      symbol,
      timestamp: next(0) ?? '',
      price: next(1) ?? '',
      volume: next(2) ?? '',
      id: next(3),
      line,
      conditions: next(4),
      tape: next(5),
      side: SIDES[this.#rows.sides[row] ?? 0],
    }
    return { tick, identity: next(6) }
  }

  clear(): void {
    this.#count = 0
    this.#bytes = 0
    this.#others.clear()
  }
}

/** Columns with room for so many trades. */
class Rows {
  readonly seconds: Float64Array
  readonly places: Float64Array
  readonly indexes: Float64Array
  readonly orders: Float64Array
  readonly starts: Float64Array
  readonly nanos: Int32Array
  readonly files: Int32Array
  readonly symbols: Int32Array
  readonly lines: Int32Array
  readonly sides: Uint8Array
  readonly lengths: Uint8Array

  constructor(size: number) {
    this.seconds = new Float64Array(size)
    this.places = new Float64Array(size)
    this.indexes = new Float64Array(size)
    this.orders = new Float64Array(size)
    this.starts = new Float64Array(size)
    this.nanos = new Int32Array(size)
    this.files = new Int32Array(size)
    this.symbols = new Int32Array(size)
    this.lines = new Int32Array(size)
    this.sides = new Uint8Array(size)
    this.lengths = new Uint8Array(size * TEXTS)
  }

  /** The same with twice the room. */
  grown(): Rows {
    const grown = new Rows(this.seconds.length * 2)
    for (const name of ['seconds', 'places', 'indexes', 'orders', 'starts'] as const)
      grown[name].set(this[name])
    for (const name of ['nanos', 'files', 'symbols', 'lines'] as const) grown[name].set(this[name])
    grown.sides.set(this.sides)
    grown.lengths.set(this.lengths)
    return grown
  }
}

/** Numbers values by their keys. */
class Numbers<Key, Value = Key> {
  readonly #numbers = new Map<Key, number>()
  readonly #values: Value[] = []

  of(key: Key, value: Value): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#values.length)
    return this.#values.push(value) - 1
  }

  at(number: number): Value | undefined {
    return this.#values[number]
  }
}

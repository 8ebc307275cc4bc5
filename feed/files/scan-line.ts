import { MAX_LINE_LENGTH } from '../read-lines.ts'
import type { PlainLayout } from './plain-layout.ts'
import { SymbolNumbers } from './symbol-numbers.ts'
import { TimeScanner } from './scan-time.ts'
import { NO_PLAIN_ID, type TradeTaker } from './trade-taker.ts'

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const DOT = 0x2e
const ZERO = 0x30

/** Digits that a double holds exactly. */
const MAX_DIGITS = 15

/** What a column is. */
const COLUMN = { unused: 0, symbol: 1, time: 2, price: 3, volume: 4, id: 5 } as const

/**
 * Reads plain trades from lines of delimited text, straight from their bytes. It never judges: a line that is not plain (a
 * quote, spaces, an exponent, a price of zero, another number of columns) is left to the reader of rows. Both agree on every
 * line that this one reads.
 */
export class LineScanner {
  readonly #kinds: Uint8Array
  readonly #delimiter: number
  readonly #fixed: number
  readonly #symbols: SymbolNumbers
  readonly #taker: TradeTaker
  readonly #time: TimeScanner
  #bytes: Uint8Array = new Uint8Array(0)
  #units = 0
  #scale = 0

  /**
   * @param options.width columns of a row
   * @param options.latest Unix seconds; a trade from then on is not plain
   */
  constructor(
    { symbol, places, unit }: PlainLayout,
    taker: TradeTaker,
    options: { readonly width: number; readonly delimiter: string; readonly latest: number },
  ) {
    this.#kinds = new Uint8Array(options.width)
    for (const [kind, place] of Object.entries(places))
      if (place !== undefined) this.#kinds[place] = COLUMN[kindOf(kind)]
    this.#delimiter = options.delimiter.charCodeAt(0)
    this.#symbols = new SymbolNumbers(taker)
    this.#fixed = symbol === undefined ? -1 : (taker.symbol(symbol) ?? -1)
    this.#taker = taker
    this.#time = new TimeScanner(unit, options.latest)
  }

  /** Gives the trade of the line that begins at a place to the taker: where the next begins, or −1 where it is not plain. */
  scan(bytes: Uint8Array, start: number): number {
    this.#bytes = bytes
    const kinds = this.#kinds
    const width = kinds.length
    const delimiter = this.#delimiter
    const time = this.#time
    let symbol = this.#fixed
    let price = 0
    let priceScale = 0
    let volume = 0
    let volumeScale = 0
    let id = NO_PLAIN_ID
    let at = start
    for (let column = 0; column < width; column++) {
      const from = at
      switch (kinds[column] ?? COLUMN.unused) {
        case COLUMN.symbol:
          at = this.#end(at)
          if (at > from) symbol = this.#symbols.of(bytes, from, at)
          break
        case COLUMN.time:
          at = time.scan(bytes, at)
          break
        case COLUMN.price:
          at = this.#number(at)
          price = this.#units
          priceScale = this.#scale
          break
        case COLUMN.volume:
          at = this.#number(at)
          volume = this.#units
          volumeScale = this.#scale
          break
        case COLUMN.id:
          at = this.#id(at)
          id = this.#units
          break
        default:
          at = this.#end(at)
      }
      if (at < 0) return -1
      if (column < width - 1 && bytes[at++] !== delimiter) return -1
    }
    if (bytes[at] === CR) at++
    if (bytes[at] !== LF || symbol < 0 || price === 0 || at - start > MAX_LINE_LENGTH) return -1
    this.#taker.add(symbol, time.seconds, time.nanos, price, priceScale, volume, volumeScale, id)
    return at + 1
  }

  /** Where a field ends; −1 where it has a quote or a space at an end. */
  #end(start: number): number {
    const bytes = this.#bytes
    const delimiter = this.#delimiter
    let at = start
    let byte = bytes[at]
    while (byte !== delimiter && byte !== LF && byte !== undefined) {
      if (byte === QUOTE) return -1
      byte = bytes[++at]
    }
    return byte === LF && at > start && bytes[at - 1] === CR ? at - 1 : at
  }

  /** Reads a number of up to 15 digits without a sign, the fewest decimals that it needs: where it ends, or −1. */
  #number(start: number): number {
    const bytes = this.#bytes
    let at = start
    let units = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      units = units * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    let digits = at - start
    if (digits === 0) return -1
    let scale = 0
    if (digit === DOT - ZERO) {
      const point = ++at
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        units = units * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      scale = at - point
      if (scale === 0) return -1
      digits += scale
      for (let last = at - 1; scale > 0 && bytes[last] === ZERO; last--) {
        units /= 10
        scale--
      }
    }
    if (digits > MAX_DIGITS) return -1
    this.#units = units
    this.#scale = scale
    return at
  }

  /** Reads a whole number, or nothing, as an id: where it ends, or −1. */
  #id(start: number): number {
    const bytes = this.#bytes
    let at = start
    let id = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      id = id * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const digits = at - start
    if (digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO)) return -1
    this.#units = digits === 0 ? NO_PLAIN_ID : id
    return bytes[at] === SPACE ? -1 : at
  }
}

function kindOf(name: string): keyof typeof COLUMN {
  switch (name) {
    case 'symbol':
    case 'time':
    case 'price':
    case 'volume':
    case 'id':
      return name
    default:
      return 'unused'
  }
}

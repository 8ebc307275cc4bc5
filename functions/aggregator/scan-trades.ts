import { EARLIEST_SECONDS, MAX_AHEAD_SECONDS, NO_ID } from '../domain/trade.ts'
import type { Payload } from '../shared/streams/payload.ts'
import type { ParsedRecord, RecordOrigin } from './parsed-record.ts'
import type { TradeBuffer } from './trade-buffer.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const COLON = 0x3a
const DOT = 0x2e
const ZERO = 0x30
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
/** Digits that a double holds exactly. */
const MAX_DIGITS = 15
const TIME_DIGITS = 9
const NO_REJECTIONS: readonly never[] = []
const NOTHING_ELSE = { source: undefined, line: undefined, contiguous: undefined, tape: undefined }

/**
 * Reads plain, valid tick records straight from their bytes, several times as fast as `JSON.parse` and without
 * losing a digit. It never judges: whatever is not plain (escapes, exponents, conditions, unknown structure) or not valid
 * gives undefined, and `parseTrades` reads that record again. Both agree on every record that this one reads.
 */
export class TradeScanner {
  readonly #buffer: TradeBuffer
  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #end = 0
  #at = 0
  #units = 0
  #scale = 0
  #seconds = 0
  #nanos = 0

  constructor(buffer: TradeBuffer) {
    this.#buffer = buffer
  }

  /** Reads the record that lies in some bytes; a byte must follow it. */
  scan(
    { bytes, start, end }: Pick<Payload, 'start' | 'end'> & { readonly bytes: Uint8Array },
    origin: RecordOrigin,
  ): ParsedRecord | undefined {
    if (bytes !== this.#bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#bytes = bytes
    this.#end = end
    this.#at = start
    this.#buffer.begin()
    return this.#plainTrade(origin) ?? this.#object(origin)
  }

  /** A record of one trade as the documentation shows it. */
  #plainTrade(origin: RecordOrigin): ParsedRecord | undefined {
    const start = this.#at
    const bytes = this.#bytes
    const { partitionKey, arrivedAt } = origin
    const { length } = partitionKey
    if (start + length + MAX_PLAIN > bytes.length) return undefined
    const view = this.#view
    if (!hasLetters(view, start, SYMBOL)) return undefined
    let at = start + SYMBOL.length
    for (let index = 0; index < length; index++)
      if (bytes[at + index] !== partitionKey.charCodeAt(index)) return undefined
    at += length
    if (!hasLetters(view, at, PRICE)) return undefined
    at = this.#plainNumber(at + PRICE.length)
    const price = this.#units
    const priceScale = this.#scale
    if (at < 0 || price === 0 || !hasLetters(view, at, VOLUME)) return undefined
    at = this.#plainNumber(at + VOLUME.length)
    const volume = this.#units
    const volumeScale = this.#scale
    if (at < 0 || !hasLetters(view, at, TIMESTAMP)) return undefined
    at = this.#plainTime(at + TIMESTAMP.length, Math.floor(arrivedAt / 1000) + MAX_AHEAD_SECONDS)
    if (at < 0 || bytes[at] !== CLOSE_OBJECT || at !== this.#end - 1) return undefined
    if (!this.#buffer.add(this.#seconds, this.#nanos, price, priceScale, volume, volumeScale, NO_ID)) {
      this.#buffer.begin()
      return undefined
    }
    return {
      symbol: partitionKey,
      producer: undefined,
      line: undefined,
      type: 'trade',
      trades: this.#buffer.end(),
      rejections: NO_REJECTIONS,
      said: NOTHING_ELSE,
    }
  }

  #object(origin: RecordOrigin): ParsedRecord | undefined {
    if (!this.#take(OPEN_OBJECT)) return undefined
    const buffer = this.#buffer
    let symbol = false
    let source: string | undefined
    let line: string | undefined
    let isContiguous: boolean | undefined
    let sequence = -1
    let seconds = -1
    let nanos = 0
    let price = Number.NaN
    let priceScale = 0
    let volume = Number.NaN
    let volumeScale = 0
    let id = NO_ID
    let batch = false
    do {
      switch (this.#key()) {
        case 'symbol':
          if (symbol || !this.#symbol(origin.partitionKey)) return undefined
          symbol = true
          break
        case 'price':
          if (price === price || batch || !this.#price(origin)) return undefined
          price = this.#units
          priceScale = this.#scale
          break
        case 'volume':
          if (volume === volume || batch || !this.#decimal(false)) return undefined
          volume = this.#units
          volumeScale = this.#scale
          break
        case 'timestamp':
          if (seconds >= 0 || batch || !this.#time(origin.arrivedAt)) return undefined
          seconds = this.#units
          nanos = this.#scale
          break
        case 'id':
          if (id !== NO_ID || batch) return undefined
          id = this.#count()
          if (id < 0) return undefined
          break
        case 'source':
          if (source !== undefined) return undefined
          source = this.#text()
          if (source === undefined || source.length > 64) return undefined
          break
        case 'line':
          if (line !== undefined) return undefined
          line = this.#text()
          if (line === undefined || line.length > 64) return undefined
          break
        case 'contiguous':
          if (isContiguous !== undefined) return undefined
          isContiguous = this.#boolean()
          if (isContiguous === undefined) return undefined
          break
        case 'sequence':
          if (sequence >= 0) return undefined
          sequence = this.#count()
          if (sequence < 0) return undefined
          break
        case 'ticks':
          if (batch || price === price || volume === volume || seconds >= 0 || id !== NO_ID) return undefined
          if (!this.#ticks(origin)) return undefined
          batch = true
          break
        case undefined:
          return undefined
      }
    } while (this.#take(COMMA))
    if (!this.#take(CLOSE_OBJECT) || !this.#isAtEnd() || !symbol) return undefined
    if (!batch) {
      if (price !== price || volume !== volume || seconds < 0) return undefined
      if (!buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, id)) return undefined
    }
    const trades = buffer.end()
    return {
      symbol: origin.partitionKey,
      producer: sequence < 0 ? undefined : { source: source ?? '', sequence },
      line: trades.hasIds ? { name: line ?? source ?? '', isContiguous: isContiguous ?? false } : undefined,
      type: 'trade',
      trades,
      rejections: NO_REJECTIONS,
      said: { source, line, contiguous: isContiguous, tape: undefined },
    }
  }

  #ticks(origin: RecordOrigin): boolean {
    if (!this.#take(OPEN_ARRAY)) return false
    const latest = Math.floor(origin.arrivedAt / 1000) + MAX_AHEAD_SECONDS
    do {
      if (!this.#plainTick(latest) && !this.#tick(origin)) return false
    } while (this.#take(COMMA))
    return this.#take(CLOSE_ARRAY)
  }

  /**
   * The tight loop: `[time,price,volume]`, the price positive, without spaces and quotes, the time before `latest`. False for
   * any other tick, of which nothing is read.
   */
  #plainTick(latest: number): boolean {
    const bytes = this.#bytes
    let at = this.#at
    if (bytes[at++] !== OPEN_ARRAY) return false
    let start = at
    let digit = (bytes[at] ?? 0) - ZERO
    let seconds = 0
    while (digit >= 0 && digit <= 9) {
      seconds = seconds * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at - start !== 10 || seconds < EARLIEST_SECONDS || seconds >= latest) return false
    let nanos = 0
    if (digit === DOT - ZERO) {
      start = ++at
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        nanos = nanos * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      const decimals = at - start
      if (decimals === 0 || decimals > TIME_DIGITS) return false
      nanos *= POWERS[TIME_DIGITS - decimals] ?? 0
    }
    if (digit !== COMMA - ZERO) return false
    start = ++at
    digit = (bytes[at] ?? 0) - ZERO
    let price = 0
    while (digit >= 0 && digit <= 9) {
      price = price * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at === start || (bytes[start] === ZERO && at - start > 1)) return false
    let priceScale = 0
    if (digit === DOT - ZERO) {
      const point = at++
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        price = price * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      priceScale = at - point - 1
      if (priceScale === 0) return false
      for (let last = at - 1; priceScale > 0 && bytes[last] === ZERO; last--) {
        price /= 10
        priceScale--
      }
    }
    if (digit !== COMMA - ZERO || at - start > MAX_DIGITS || price === 0) return false
    start = ++at
    digit = (bytes[at] ?? 0) - ZERO
    let volume = 0
    while (digit >= 0 && digit <= 9) {
      volume = volume * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at === start || (bytes[start] === ZERO && at - start > 1)) return false
    let volumeScale = 0
    if (digit === DOT - ZERO) {
      const point = at++
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        volume = volume * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      volumeScale = at - point - 1
      if (volumeScale === 0) return false
      for (let last = at - 1; volumeScale > 0 && bytes[last] === ZERO; last--) {
        volume /= 10
        volumeScale--
      }
    }
    if (digit !== CLOSE_ARRAY - ZERO || at - start > MAX_DIGITS || at >= this.#end) return false
    this.#at = at + 1
    return this.#buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, NO_ID)
  }

  /** Reads a time of ten digits and a fraction, before `latest`, into `seconds` and `nanos`: where it ends, or −1. */
  #plainTime(start: number, latest: number): number {
    const bytes = this.#bytes
    let at = start
    let digit = (bytes[at] ?? 0) - ZERO
    let seconds = 0
    while (digit >= 0 && digit <= 9) {
      seconds = seconds * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at - start !== 10 || seconds < EARLIEST_SECONDS || seconds >= latest) return -1
    let nanos = 0
    if (digit === DOT - ZERO) {
      const point = ++at
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        nanos = nanos * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      const decimals = at - point
      if (decimals === 0 || decimals > TIME_DIGITS) return -1
      nanos *= POWERS[TIME_DIGITS - decimals] ?? 0
    }
    this.#seconds = seconds
    this.#nanos = nanos
    return at
  }

  /** Reads a number of up to 15 digits without a sign into `units` and `scale`, the fewest decimals: where it ends, or −1. */
  #plainNumber(start: number): number {
    const bytes = this.#bytes
    let at = start
    let digit = (bytes[at] ?? 0) - ZERO
    let units = 0
    while (digit >= 0 && digit <= 9) {
      units = units * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const whole = at - start
    if (whole === 0 || (whole > 1 && bytes[start] === ZERO)) return -1
    let scale = 0
    if (digit === DOT - ZERO) {
      const point = at++
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        units = units * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      scale = at - point - 1
      if (scale === 0) return -1
      for (let last = at - 1; scale > 0 && bytes[last] === ZERO; last--) {
        units /= 10
        scale--
      }
    }
    if (at - start > MAX_DIGITS) return -1
    this.#units = units
    this.#scale = scale
    return at
  }

  #tick(origin: RecordOrigin): boolean {
    if (!this.#take(OPEN_ARRAY) || !this.#time(origin.arrivedAt)) return false
    const seconds = this.#units
    const nanos = this.#scale
    if (!this.#take(COMMA) || !this.#price(origin)) return false
    const price = this.#units
    const priceScale = this.#scale
    if (!this.#take(COMMA) || !this.#decimal(false)) return false
    const volume = this.#units
    const volumeScale = this.#scale
    let id = NO_ID
    if (this.#take(COMMA)) {
      id = this.#count()
      if (id < 0) return false
    }
    if (!this.#take(CLOSE_ARRAY)) return false
    return this.#buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, id)
  }

  #price({ allowsNonPositive }: RecordOrigin): boolean {
    return this.#decimal(allowsNonPositive) && (this.#units !== 0 || allowsNonPositive)
  }

  /** Reads a key and its colon; undefined for one that needs the careful reader. */
  #key(): Key | undefined {
    if (!this.#take(QUOTE)) return undefined
    const bytes = this.#bytes
    const start = this.#at
    for (const { key, letters } of KEYS[(bytes[start] ?? 0) - FIRST_LETTER] ?? NO_KEYS) {
      let index = 1
      while (index < letters.length && bytes[start + index] === letters[index]) index++
      if (index < letters.length) continue
      this.#at = start + index
      return this.#take(COLON) ? key : undefined
    }
    return undefined
  }

  /** Reads a string that must equal the partition key, without making it. */
  #symbol(partitionKey: string): boolean {
    if (!this.#take(QUOTE)) return false
    const bytes = this.#bytes
    const { length } = partitionKey
    for (let index = 0; index < length; index++) {
      if (bytes[this.#at + index] !== partitionKey.charCodeAt(index)) return false
    }
    this.#at += length
    return this.#at < this.#end && bytes[this.#at++] === QUOTE
  }

  #text(): string | undefined {
    if (!this.#take(QUOTE)) return undefined
    const start = this.#at
    if (!this.#skipString()) return undefined
    let text = ''
    for (let index = start; index < this.#at - 1; index++)
      text += String.fromCharCode(this.#bytes[index] ?? 0)
    return text
  }

  /** Moves past the closing quote of a plain ASCII string. */
  #skipString(): boolean {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#at
    while (at < end) {
      const byte = bytes[at++] ?? 0
      if (byte === QUOTE) {
        this.#at = at
        return true
      }
      if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return false
    }
    return false
  }

  /** Reads a plain number, bare or quoted, of up to 15 digits into `units` and `scale`, the fewest decimals it needs. */
  #decimal(maySign: boolean): boolean {
    this.#skipSpace()
    const bytes = this.#bytes
    let at = this.#at
    const quoted = bytes[at] === QUOTE
    if (quoted) at++
    const isNegative = bytes[at] === MINUS
    if (isNegative) {
      if (!maySign) return false
      at++
    }
    const start = at
    let units = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      units = units * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    let digits = at - start
    if (digits === 0 || (digits > 1 && bytes[start] === ZERO)) return false
    let scale = 0
    if (bytes[at] === DOT) {
      const point = ++at
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        units = units * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      scale = at - point
      if (scale === 0) return false
      digits += scale
      // More digits than a double holds: the careful reader drops the zeros that they may end in.
      if (digits > MAX_DIGITS) return false
      for (; scale > 0 && units % 10 === 0; scale--) units /= 10
    }
    if (digits > MAX_DIGITS || (quoted && bytes[at++] !== QUOTE)) return false
    this.#units = isNegative && units !== 0 ? -units : units
    this.#scale = scale
    this.#at = at
    return at <= this.#end
  }

  /** Reads a time in seconds with a fraction: seconds into `units`, nanoseconds into `scale`. */
  #time(arrivedAt: number): boolean {
    this.#skipSpace()
    const bytes = this.#bytes
    let at = this.#at
    const quoted = bytes[at] === QUOTE
    if (quoted) at++
    const start = at
    let seconds = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      seconds = seconds * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const length = at - start
    if (length === 0 || length > MAX_DIGITS || (length > 1 && bytes[start] === ZERO)) return false
    let nanos = 0
    if (bytes[at] === DOT) {
      const point = ++at
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9 && at - point <= TIME_DIGITS) {
        nanos = nanos * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      const decimals = at - point
      if (decimals === 0 || decimals > TIME_DIGITS) return false
      nanos *= POWERS[TIME_DIGITS - decimals] ?? 0
    }
    if (quoted && bytes[at++] !== QUOTE) return false
    this.#units = seconds
    this.#scale = nanos
    this.#at = at
    if (at > this.#end || seconds < EARLIEST_SECONDS) return false
    return seconds * 1000 + nanos / 1e6 <= arrivedAt + MAX_AHEAD_SECONDS * 1000
  }

  /** Reads a whole number that a JavaScript number holds exactly; −1 for anything else. */
  #count(): number {
    this.#skipSpace()
    const bytes = this.#bytes
    let at = this.#at
    const start = at
    let count = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      count = count * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const length = at - start
    if (length === 0 || (length > 1 && bytes[start] === ZERO) || !Number.isSafeInteger(count)) return -1
    this.#at = at
    return at <= this.#end ? count : -1
  }

  #boolean(): boolean | undefined {
    this.#skipSpace()
    if (this.#word(TRUE)) return true
    return this.#word(FALSE) ? false : undefined
  }

  #word(letters: readonly number[]): boolean {
    for (let index = 0; index < letters.length; index++)
      if (this.#bytes[this.#at + index] !== letters[index]) return false
    this.#at += letters.length
    return true
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) {
      this.#skipSpace()
      if (this.#bytes[this.#at] !== byte) return false
    }
    return this.#at++ < this.#end
  }

  #skipSpace(): void {
    const bytes = this.#bytes
    let byte = bytes[this.#at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.#at]
  }

  #isAtEnd(): boolean {
    this.#skipSpace()
    return this.#at >= this.#end
  }
}

/** More bytes than a plain record of one trade has beside its symbol. */
const MAX_PLAIN = 128
/** Letters as numbers of four bytes, of which the last may overlap the one before. */
type Letters = { readonly length: number; readonly words: Int32Array }

function lettersOf(text: string): Letters {
  const bytes = new TextEncoder().encode(text)
  const view = new DataView(bytes.buffer)
  const words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) =>
    view.getInt32(Math.min(4 * index, bytes.length - 4), true),
  )
  return { length: bytes.length, words }
}

function hasLetters(view: DataView, at: number, { length, words }: Letters): boolean {
  const last = words.length - 1
  for (let index = 0; index < last; index++)
    if (view.getInt32(at + 4 * index, true) !== words[index]) return false
  return view.getInt32(at + length - 4, true) === words[last]
}

const SYMBOL = lettersOf('{"symbol":"')
const PRICE = lettersOf('","price":')
const VOLUME = lettersOf(',"volume":')
const TIMESTAMP = lettersOf(',"timestamp":')

const TRUE = [0x74, 0x72, 0x75, 0x65]
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65]

const READ_KEYS = [
  'symbol',
  'price',
  'volume',
  'timestamp',
  'source',
  'sequence',
  'ticks',
  'id',
  'line',
  'contiguous',
] as const
type Key = (typeof READ_KEYS)[number]
type KeyLetters = { readonly key: Key; readonly letters: Uint8Array }

const FIRST_LETTER = 0x61
const NO_KEYS: readonly KeyLetters[] = []
/** The keys that are read here with their closing quotes, by their first letter. */
const KEYS: readonly (readonly KeyLetters[])[] = Array.from({ length: 26 }, (_, letter) =>
  READ_KEYS.filter((key) => key.charCodeAt(0) === FIRST_LETTER + letter).map((key) => ({
    key,
    letters: new TextEncoder().encode(`${key}"`),
  })),
)

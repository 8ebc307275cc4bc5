import { MAX_AHEAD_SECONDS, type Trade } from '../domain/trade.ts'
import type { ParsedRecord, RecordOrigin } from './parse-ticks.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const DOT = 0x2e
const ZERO = 0x30
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
const MAX_INTEGER_DIGITS = 15
const FRACTION_DIGITS = 8
const TIME_DIGITS = 9
const NO_REJECTIONS: readonly never[] = []

/**
 * Reads plain, valid tick records straight from their bytes, several times as fast as `JSON.parse` and without
 * losing a digit. It rejects nothing: for a record that is not plain (escapes, exponents, unknown structure) or not valid
 * it returns undefined, and `parseTicks` reads that record again. Both agree on every record that this one reads.
 */
export class TickScanner {
  #bytes: Uint8Array = new Uint8Array(0)
  #end = 0
  #at = 0
  #integer = 0
  #fraction = 0

  /** @param length bytes of `bytes` that the record takes */
  scan(bytes: Uint8Array, length: number, origin: RecordOrigin): ParsedRecord | undefined {
    this.#bytes = bytes
    this.#end = length
    this.#at = 0
    return this.#object(origin)
  }

  #object(origin: RecordOrigin): ParsedRecord | undefined {
    if (!this.#take(OPEN_OBJECT)) return undefined
    let symbol = false
    let source: string | undefined
    let sequence = -1
    let ticks: Trade[] | undefined
    let seconds = -1
    let nanos = 0
    let priceInteger = -1
    let priceFraction = 0
    let volumeInteger = -1
    let volumeFraction = 0
    do {
      switch (this.#key()) {
        case 'symbol':
          if (symbol || !this.#symbol(origin.partitionKey)) return undefined
          symbol = true
          break
        case 'price':
          if (priceInteger >= 0 || !this.#decimal(FRACTION_DIGITS)) return undefined
          priceInteger = this.#integer
          priceFraction = this.#fraction
          break
        case 'volume':
          if (volumeInteger >= 0 || !this.#decimal(FRACTION_DIGITS)) return undefined
          volumeInteger = this.#integer
          volumeFraction = this.#fraction
          break
        case 'timestamp':
          if (seconds >= 0 || !this.#decimal(TIME_DIGITS)) return undefined
          seconds = this.#integer
          nanos = this.#fraction
          break
        case 'source':
          if (source !== undefined) return undefined
          source = this.#text()
          if (source === undefined || source.length > 64) return undefined
          break
        case 'sequence':
          if (sequence >= 0) return undefined
          sequence = this.#count()
          if (sequence < 0) return undefined
          break
        case 'ticks':
          if (ticks !== undefined) return undefined
          ticks = this.#ticks(origin.arrivedAt)
          if (ticks === undefined) return undefined
          break
        case 'other':
          if (this.#text() === undefined) return undefined
          break
        case undefined:
          return undefined
      }
    } while (this.#take(COMMA))
    if (!this.#take(CLOSE_OBJECT) || !this.#isAtEnd() || !symbol) return undefined
    if (ticks === undefined) {
      if (priceInteger < 0 || volumeInteger < 0 || seconds < 0) return undefined
      const tick = { seconds, nanos, priceInteger, priceFraction, volumeInteger, volumeFraction }
      if (!isValid(tick, origin.arrivedAt)) return undefined
      return { symbol: origin.partitionKey, producer: undefined, trades: [tick], rejections: NO_REJECTIONS }
    }
    const producer = sequence < 0 ? undefined : { source: source ?? '', sequence }
    return { symbol: origin.partitionKey, producer, trades: ticks, rejections: NO_REJECTIONS }
  }

  #ticks(arrivedAt: number): Trade[] | undefined {
    if (!this.#take(OPEN_ARRAY)) return undefined
    const ticks: Trade[] = []
    do {
      if (!this.#take(OPEN_ARRAY) || !this.#decimal(TIME_DIGITS)) return undefined
      const seconds = this.#integer
      const nanos = this.#fraction
      if (!this.#take(COMMA) || !this.#decimal(FRACTION_DIGITS)) return undefined
      const priceInteger = this.#integer
      const priceFraction = this.#fraction
      if (!this.#take(COMMA) || !this.#decimal(FRACTION_DIGITS) || !this.#take(CLOSE_ARRAY)) return undefined
      const tick = {
        seconds,
        nanos,
        priceInteger,
        priceFraction,
        volumeInteger: this.#integer,
        volumeFraction: this.#fraction,
      }
      if (!isValid(tick, arrivedAt)) return undefined
      ticks.push(tick)
    } while (this.#take(COMMA))
    return this.#take(CLOSE_ARRAY) ? ticks : undefined
  }

  /** Reads a key and its colon. */
  #key(): keyof Keys | 'other' | undefined {
    if (!this.#take(QUOTE)) return undefined
    const start = this.#at
    if (!this.#skipString()) return undefined
    const length = this.#at - 1 - start
    if (!this.#take(COLON)) return undefined
    const bytes = this.#bytes
    const name = KEYS[length]
    if (name === undefined) return 'other'
    for (const candidate of name) {
      let index = 0
      while (index < length && bytes[start + index] === candidate.charCodeAt(index)) index++
      if (index === length) return candidate
    }
    return 'other'
  }

  /** Reads a string that must equal the partition key, without allocating it. */
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

  /** Reads a plain number, bare or quoted, into `integer` and `fraction` (units of 10^-digits). */
  #decimal(digits: number): boolean {
    this.#skipSpace()
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#at
    const quoted = bytes[at] === QUOTE
    if (quoted) at++
    const start = at
    let integer = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9 && at < end) {
      integer = integer * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const length = at - start
    if (length === 0 || length > MAX_INTEGER_DIGITS || (length > 1 && bytes[start] === ZERO)) return false
    let fraction = 0
    if (bytes[at] === DOT) {
      const point = ++at
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9 && at < end) {
        fraction = fraction * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      const decimals = at - point
      if (decimals === 0 || decimals > digits) return false
      fraction *= POWERS[digits - decimals] ?? 0
    }
    if (quoted && bytes[at++] !== QUOTE) return false
    this.#integer = integer
    this.#fraction = fraction
    this.#at = at
    return at <= end
  }

  /** Reads a bare whole number that a JavaScript number holds exactly; −1 for anything else. */
  #count(): number {
    this.#skipSpace()
    const bytes = this.#bytes
    let at = this.#at
    const start = at
    let count = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9 && at < this.#end) {
      count = count * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const length = at - start
    if (length === 0 || (length > 1 && bytes[start] === ZERO) || !Number.isSafeInteger(count)) return -1
    this.#at = at
    return count
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

type Keys = { symbol: 1; price: 1; volume: 1; timestamp: 1; source: 1; sequence: 1; ticks: 1 }

/** The keys of a record, by length. */
const KEYS: readonly (readonly (keyof Keys)[] | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  ['price', 'ticks'],
  ['symbol', 'volume', 'source'],
  undefined,
  ['sequence'],
  ['timestamp'],
]

function isValid(tick: Trade, arrivedAt: number): boolean {
  return (
    (tick.priceInteger !== 0 || tick.priceFraction !== 0) &&
    tick.seconds * 1000 + tick.nanos / 1e6 <= arrivedAt + MAX_AHEAD_SECONDS * 1000
  )
}

import { POWERS } from '../domain/decimal.ts'
import { SIDES } from '../domain/side.ts'
import { EARLIEST_SECONDS, MAX_AHEAD_SECONDS } from '../domain/trade.ts'
import type { Payload } from '../shared/streams/payload.ts'
import { BACKSLASH, DOT, MAX_DIGITS, MINUS, QUOTE, TIME_DIGITS, ZERO } from './json-characters.ts'

/** The bytes of a record; a byte must follow them. */
export type RecordBytes = Pick<Payload, 'start' | 'end'> & { readonly bytes: Uint8Array }

/** A place in the bytes of a record, and readers of plain JSON that move it on: false, or none, for what is not plain. */
export class ByteCursor {
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  end = 0
  at = 0
  /** What was read last: a number and its decimals, or seconds and nanoseconds. */
  units = 0
  scale = 0

  open({ bytes, start, end }: RecordBytes): void {
    if (bytes !== this.bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.bytes = bytes
    this.end = end
    this.at = start
  }

  take(byte: number): boolean {
    if (this.bytes[this.at] !== byte) {
      this.skipSpace()
      if (this.bytes[this.at] !== byte) return false
    }
    return this.at++ < this.end
  }

  skipSpace(): void {
    const bytes = this.bytes
    let byte = bytes[this.at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.at]
  }

  isAtEnd(): boolean {
    this.skipSpace()
    return this.at >= this.end
  }

  /** Reads a string that must equal the partition key, without making it. */
  symbol(partitionKey: string): boolean {
    if (!this.take(QUOTE)) return false
    const bytes = this.bytes
    const { length } = partitionKey
    for (let index = 0; index < length; index++) {
      if (bytes[this.at + index] !== partitionKey.charCodeAt(index)) return false
    }
    this.at += length
    return this.at < this.end && bytes[this.at++] === QUOTE
  }

  text(): string | undefined {
    if (!this.take(QUOTE)) return undefined
    const start = this.at
    if (!this.skipString()) return undefined
    let text = ''
    for (let index = start; index < this.at - 1; index++) text += String.fromCharCode(this.bytes[index] ?? 0)
    return text
  }

  /** Moves past the closing quote of a plain ASCII string. */
  skipString(): boolean {
    const bytes = this.bytes
    const end = this.end
    let at = this.at
    while (at < end) {
      const byte = bytes[at++] ?? 0
      if (byte === QUOTE) {
        this.at = at
        return true
      }
      if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return false
    }
    return false
  }

  /** Reads a whole number that a JavaScript number holds exactly; −1 for anything else. */
  count(): number {
    this.skipSpace()
    const bytes = this.bytes
    let at = this.at
    const start = at
    let count = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      count = count * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const length = at - start
    if (length === 0 || (length > 1 && bytes[start] === ZERO) || !Number.isSafeInteger(count)) return -1
    this.at = at
    return at <= this.end ? count : -1
  }

  boolean(): boolean | undefined {
    this.skipSpace()
    if (this.word(TRUE)) return true
    return this.word(FALSE) ? false : undefined
  }

  isNull(): boolean {
    this.skipSpace()
    return this.word(NULL)
  }

  /** Reads a side, or null for one that is not known, as its number; undefined for anything else. */
  side(): number | undefined {
    if (this.isNull()) return SIDES.unknown
    if (this.word(BUY)) return SIDES.buy
    return this.word(SELL) ? SIDES.sell : undefined
  }

  word(letters: readonly number[]): boolean {
    for (let index = 0; index < letters.length; index++)
      if (this.bytes[this.at + index] !== letters[index]) return false
    this.at += letters.length
    return true
  }

  /** Reads a plain number, bare or quoted, of up to 15 digits into `units` and `scale`, the fewest decimals it needs. */
  decimal(maySign: boolean): boolean {
    this.skipSpace()
    const bytes = this.bytes
    let at = this.at
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
    this.units = isNegative && units !== 0 ? -units : units
    this.scale = scale
    this.at = at
    return at <= this.end
  }

  /** Reads a time in seconds with a fraction: seconds into `units`, nanoseconds into `scale`. */
  time(arrivedAt: number): boolean {
    this.skipSpace()
    const bytes = this.bytes
    let at = this.at
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
    this.units = seconds
    this.scale = nanos
    this.at = at
    if (at > this.end || seconds < EARLIEST_SECONDS) return false
    return seconds * 1000 + nanos / 1e6 <= arrivedAt + MAX_AHEAD_SECONDS * 1000
  }
}

const TRUE = [0x74, 0x72, 0x75, 0x65]
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65]
const NULL = [0x6e, 0x75, 0x6c, 0x6c]
const BUY = [0x22, 0x62, 0x75, 0x79, 0x22]
const SELL = [0x22, 0x73, 0x65, 0x6c, 0x6c, 0x22]

import type { TimeUnit } from './times.ts'

const ZERO = 0x30
const DOT = 0x2e
const DASH = 0x2d
const COLON = 0x3a
const LETTER_T = 0x54
const LETTER_Z = 0x5a
const SPACE = 0x20

/** Digits of the whole seconds of a plain time: from 2001 to 2286. */
const WHOLE_DIGITS = 10
const NANO_DIGITS = 9
/** Digits of a second behind the whole ones. */
const DECIMALS = { s: 0, ms: 3, µs: 6, ns: 9 } as const
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
/** `2025-10-10T14:32:00` */
const ISO_LENGTH = 19

/** Reads plain times from bytes; others are left to the reader of rows. */
export class TimeScanner {
  seconds = 0
  nanos = 0
  readonly #latest: number
  /** Digits of fractions of a second that follow the whole ones without a point; −1 for ISO 8601, −2 where none is plain. */
  readonly #decimals: number
  #day = Number.NaN
  #midnight = 0

  /** @param latest Unix seconds; a time from then on is not plain */
  constructor(unit: TimeUnit, latest: number) {
    this.#latest = latest
    this.#decimals = unit === 'timestamp' ? -2 : unit === 'ISO 8601' ? -1 : DECIMALS[unit]
  }

  /** Reads the time at a place into `seconds` and `nanos`: where it ends, or −1. */
  scan(bytes: Uint8Array, start: number): number {
    const decimals = this.#decimals
    if (decimals < 0) return decimals === -1 ? this.#iso(bytes, start) : -1
    const end = start + WHOLE_DIGITS
    const seconds = digitsOf(bytes, start, end)
    if (!(seconds >= 1e9) || seconds >= this.#latest) return -1
    this.seconds = seconds
    if (decimals === 0) return this.#fraction(bytes, end)
    const nanos = digitsOf(bytes, end, end + decimals) * (POWERS[NANO_DIGITS - decimals] ?? 0)
    if (Number.isNaN(nanos) || isDigit(bytes[end + decimals]) || bytes[end + decimals] === DOT) return -1
    this.nanos = nanos
    return end + decimals
  }

  /** Reads the fraction of a second, if there is one. */
  #fraction(bytes: Uint8Array, start: number): number {
    this.nanos = 0
    if (isDigit(bytes[start])) return -1
    if (bytes[start] !== DOT) return start
    let at = start + 1
    let nanos = 0
    let digit = (bytes[at] ?? 0) - ZERO
    while (digit >= 0 && digit <= 9) {
      nanos = nanos * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    const decimals = at - start - 1
    if (decimals === 0 || decimals > NANO_DIGITS) return -1
    this.nanos = nanos * (POWERS[NANO_DIGITS - decimals] ?? 0)
    return at
  }

  /** `2025-10-10T14:32:00.123Z`, with a space for the T as well. */
  #iso(bytes: Uint8Array, start: number): number {
    const isPlain =
      bytes[start + 4] === DASH &&
      bytes[start + 7] === DASH &&
      (bytes[start + 10] === LETTER_T || bytes[start + 10] === SPACE) &&
      bytes[start + 13] === COLON &&
      bytes[start + 16] === COLON
    if (!isPlain) return -1
    const hours = digitsOf(bytes, start + 11, start + 13)
    const minutes = digitsOf(bytes, start + 14, start + 16)
    const rest = digitsOf(bytes, start + 17, start + 19)
    if (!(hours < 24 && minutes < 60 && rest < 60) || !this.#takeDay(bytes, start)) return -1
    const seconds = this.#midnight + hours * 3600 + minutes * 60 + rest
    if (!(seconds >= 1e9) || seconds >= this.#latest) return -1
    this.seconds = seconds
    const end = this.#fraction(bytes, start + ISO_LENGTH)
    return end >= 0 && bytes[end] === LETTER_Z ? end + 1 : -1
  }

  /** Sets the midnight of a date; false where there is no such day. */
  #takeDay(bytes: Uint8Array, start: number): boolean {
    const year = digitsOf(bytes, start, start + 4)
    const month = digitsOf(bytes, start + 5, start + 7)
    const date = digitsOf(bytes, start + 8, start + 10)
    const day = year * 10_000 + month * 100 + date
    if (day === this.#day) return true
    const midnight = Date.UTC(year, month - 1, date)
    const found = new Date(midnight)
    if (found.getUTCMonth() !== month - 1 || found.getUTCDate() !== date) return false
    this.#day = day
    this.#midnight = midnight / 1000
    return true
  }
}

/** The number that some digits are; NaN where one of them is none. */
function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9
}

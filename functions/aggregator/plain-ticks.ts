import { POWERS } from '../domain/decimal.ts'
import { EARLIEST_SECONDS, NO_ID } from '../domain/trade.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { CLOSE_ARRAY, COMMA, DOT, MAX_DIGITS, OPEN_ARRAY, TIME_DIGITS, ZERO } from './json-characters.ts'
import type { TradeBuffer } from './trade-buffer.ts'

/** Bytes that are read of a tick without looking whether they are there. */
const TICK_BYTES = 32
const MILLION = 1_000_000

/**
 * The tight loop: ticks of a batch as `[time,price,volume]`, the price positive, without spaces and quotes, the time before
 * `latest`, up to the first that is not so. False when that is the first, of which nothing is read.
 */
export function readPlainTicks(cursor: ByteCursor, buffer: TradeBuffer, latest: number): boolean {
  const { bytes, view, end, at: begin } = cursor
  const lastStart = bytes.length - TICK_BYTES
  /** The first eight digits of the time before, as two numbers of four bytes, and what they stand for. */
  let high = 0
  let low = 0
  let hundreds = 0
  let read = begin
  let at = begin
  do {
    if (at > lastStart || bytes[at++] !== OPEN_ARRAY) break
    let start = at
    let seconds = 0
    let digit = 0
    if (view.getInt32(at, true) === high && view.getInt32(at + 4, true) === low) {
      const tens = (bytes[at + 8] ?? 0) - ZERO
      const ones = (bytes[at + 9] ?? 0) - ZERO
      if (tens < 0 || tens > 9 || ones < 0 || ones > 9) break
      seconds = hundreds + 10 * tens + ones
      at += 10
      digit = (bytes[at] ?? 0) - ZERO
      if (digit >= 0 && digit <= 9) break
    } else {
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        seconds = seconds * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      if (at - start !== 10) break
      high = view.getInt32(start, true)
      low = view.getInt32(start + 4, true)
      hundreds = Math.floor(seconds / 100) * 100
    }
    if (seconds < EARLIEST_SECONDS || seconds >= latest) break
    let nanos = 0
    if (digit === DOT - ZERO) {
      // Most are of milliseconds.
      const word = view.getInt32(++at, true) ^ MILLISECONDS
      if ((word & 0xf0_f0_f0) === 0 && word >>> 24 === 0 && ((word + 0x06_06_06) & 0xf0_f0_f0) === 0) {
        nanos = ((word & 15) * 100 + ((word >> 8) & 15) * 10 + ((word >> 16) & 15)) * MILLION
        at += 3
        digit = COMMA - ZERO
      } else {
        start = at
        digit = (bytes[at] ?? 0) - ZERO
        while (digit >= 0 && digit <= 9) {
          nanos = nanos * 10 + digit
          digit = (bytes[++at] ?? 0) - ZERO
        }
        const decimals = at - start
        if (decimals === 0 || decimals > TIME_DIGITS) break
        nanos *= POWERS[TIME_DIGITS - decimals] ?? 0
      }
    }
    if (digit !== COMMA - ZERO) break
    start = ++at
    digit = (bytes[at] ?? 0) - ZERO
    let price = 0
    while (digit >= 0 && digit <= 9) {
      price = price * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at === start || (bytes[start] === ZERO && at - start > 1)) break
    let priceScale = 0
    if (digit === DOT - ZERO) {
      const point = at++
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        price = price * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      priceScale = at - point - 1
      if (priceScale === 0) break
      for (let last = at - 1; priceScale > 0 && bytes[last] === ZERO; last--) {
        price /= 10
        priceScale--
      }
    }
    if (digit !== COMMA - ZERO || at - start > MAX_DIGITS || price === 0) break
    start = ++at
    digit = (bytes[at] ?? 0) - ZERO
    let volume = 0
    while (digit >= 0 && digit <= 9) {
      volume = volume * 10 + digit
      digit = (bytes[++at] ?? 0) - ZERO
    }
    if (at === start || (bytes[start] === ZERO && at - start > 1)) break
    let volumeScale = 0
    if (digit === DOT - ZERO) {
      const point = at++
      digit = (bytes[at] ?? 0) - ZERO
      while (digit >= 0 && digit <= 9) {
        volume = volume * 10 + digit
        digit = (bytes[++at] ?? 0) - ZERO
      }
      volumeScale = at - point - 1
      if (volumeScale === 0) break
      for (let last = at - 1; volumeScale > 0 && bytes[last] === ZERO; last--) {
        volume /= 10
        volumeScale--
      }
    }
    if (digit !== CLOSE_ARRAY - ZERO || at - start > MAX_DIGITS || at >= end) break
    at++
    if (!buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, NO_ID)) break
    read = at
  } while (bytes[at++] === COMMA)
  cursor.at = read
  return read > begin
}

/** Three zeros and a comma, the first byte the lowest. */
const MILLISECONDS = 0x2c_30_30_30

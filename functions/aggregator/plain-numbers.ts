import { POWERS } from '../domain/decimal.ts'
import { EARLIEST_SECONDS } from '../domain/trade.ts'
import { DOT, MAX_DIGITS, TIME_DIGITS, ZERO } from './json-characters.ts'

/** Reads numbers without a sign or quotes; what it read last. */
export class PlainNumbers {
  units = 0
  scale = 0
  seconds = 0
  nanos = 0

  /** Reads a time of ten digits and a fraction, before `latest`, into `seconds` and `nanos`: where it ends, or −1. */
  time(bytes: Uint8Array, start: number, latest: number): number {
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
    this.seconds = seconds
    this.nanos = nanos
    return at
  }

  /** Reads a number of up to 15 digits without a sign into `units` and `scale`, the fewest decimals: where it ends, or −1. */
  amount(bytes: Uint8Array, start: number): number {
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
    this.units = units
    this.scale = scale
    return at
  }
}

import { EARLIEST_SECONDS, MAX_AHEAD_SECONDS, NO_ID } from '../domain/trade.ts'
import { COMPACT_LIMITS } from '../shared/streams/compact-record.ts'

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
/** One more than the units that a price or volume has at the most where no reader has to look at its digits. */
const MAX_UNITS = 1e15
/** Bytes that a number has at the most, so that a sum of two is exact: 49 bits. */
const MAX_VARINT = 7
const MAX_SEQUENCE = 8
/** Units of time up to which a quotient is rounded down exactly, and no sum of distances loses a digit. */
const MAX_DISTANCE = 2 ** 51

/** What the fast reader leaves to the careful one. */
export const NOT_PLAIN = Symbol('not plain')

type Place = { readonly from: number; readonly to: number }

/** Reads numbers, texts and columns of a compact record; what is not plain or not valid is not read. */
export class CompactColumnReader {
  #bytes: Buffer = Buffer.alloc(0)
  /** Where the next thing begins, and the checksum. */
  at = 0
  end = 0
  /** The last number. */
  value = 0
  /** Of the last times. */
  isOrdered = true
  #lowest = 0
  #highest = 0
  /** Whether one of the last ids is there. */
  hasId = false

  begin(bytes: Buffer, at: number, end: number): void {
    this.#bytes = bytes
    this.at = at
    this.end = end
  }

  byte(): number {
    return this.#bytes[this.at++] ?? 0
  }

  /** So many bytes; undefined where there are fewer. */
  take(count: number): Buffer | undefined {
    const start = this.at
    this.at += count
    return this.at > this.end ? undefined : this.#bytes.subarray(start, this.at)
  }

  /** Two loops without a branch that depends on the trades: what a processor guesses wrong costs more than all else here. */
  times(
    { seconds, nanos }: { readonly seconds: Float64Array; readonly nanos: Float64Array },
    { from, to, second, decimals }: Place & { readonly second: number; readonly decimals: number },
    arrivedAt: number,
  ): boolean {
    if (!this.#distances(seconds, { from, to })) return false
    const units = POWERS[decimals] ?? 1
    const nanosOfUnit = POWERS[COMPACT_LIMITS.timeDecimals - decimals] ?? 1
    for (let index = from; index < to; index++) {
      const distance = seconds[index] ?? 0
      const whole = Math.floor(distance / units)
      seconds[index] = second + whole
      nanos[index] = (distance - whole * units) * nanosOfUnit
    }
    const first = Math.floor(this.#lowest / units)
    const last = Math.floor(this.#highest / units)
    const nano = (this.#highest - last * units) * nanosOfUnit
    return (
      second + first >= EARLIEST_SECONDS &&
      (second + last) * 1000 + nano / 1e6 <= arrivedAt + MAX_AHEAD_SECONDS * 1000
    )
  }

  /** Reads how far each time lies from the record's second, in its units. */
  #distances(column: Float64Array, { from, to }: Place): boolean {
    const bytes = this.#bytes
    let at = this.at
    let distance = 0
    let goesBack = false
    for (let index = from; index < to; index++) {
      const low = bytes[at] ?? 0
      const high = bytes[at + 1] ?? 0
      const more = low >> 7
      let delta
      if ((more & (high >> 7)) === 0) {
        const value = (low & 127) | ((high << 7) & -more)
        delta = (value >> 1) ^ -(value & 1)
        at += 1 + more
      } else {
        at = this.#longSigned(at)
        if (at < 0) return false
        delta = this.value
      }
      if (delta < 0) goesBack = true
      distance += delta
      column[index] = distance
    }
    this.at = at
    this.isOrdered = true
    this.#lowest = column[from] ?? 0
    this.#highest = distance
    if (goesBack) this.#order(column, { from, to })
    return at <= this.end && this.#highest < MAX_DISTANCE && this.#lowest > -MAX_DISTANCE
  }

  #order(column: Float64Array, { from, to }: Place): void {
    for (let index = from; index < to; index++) {
      const distance = column[index] ?? 0
      if (index > from && distance < (column[index - 1] ?? 0)) this.isOrdered = false
      if (distance < this.#lowest) this.#lowest = distance
      if (distance > this.#highest) this.#highest = distance
    }
  }

  prices(column: Float64Array, { from, to }: Place, allowsNonPositive: boolean): boolean {
    const bytes = this.#bytes
    const least = allowsNonPositive ? 1 - MAX_UNITS : 1
    let at = this.at
    let units = 0
    for (let index = from; index < to; index++) {
      const value = bytes[at++] ?? 0
      if (value < 128) units += (value >> 1) ^ -(value & 1)
      else {
        const next = bytes[at++] ?? 0
        if (next < 128) units += ((next << 6) | ((value & 127) >> 1)) ^ -(value & 1)
        else {
          at = this.#longSigned(at - 2)
          if (at < 0) return false
          units += this.value
        }
      }
      if (units < least || units >= MAX_UNITS) return false
      column[index] = units
    }
    this.at = at
    return at <= this.end
  }

  volumes(column: Float64Array, { from, to }: Place): boolean {
    const bytes = this.#bytes
    let at = this.at
    for (let index = from; index < to; index++) {
      const value = bytes[at++] ?? 0
      if (value < 128) column[index] = value
      else {
        at = this.#long(at - 1)
        if (at < 0 || this.value >= MAX_UNITS) return false
        column[index] = this.value
      }
    }
    this.at = at
    return at <= this.end
  }

  ids(column: Float64Array, { from, to }: Place): boolean {
    let id = 0
    let hasId = false
    for (let index = from; index < to; index++) {
      if (!this.number()) return false
      if (this.value === 0) column[index] = NO_ID
      else {
        id += signedOf(this.value - 1)
        if (id < 0 || id > Number.MAX_SAFE_INTEGER) return false
        column[index] = id
        hasId = true
      }
    }
    this.hasId = hasId
    return true
  }

  /** A text of ASCII; `likely` is given back where it is that. */
  text(likely: string): string | typeof NOT_PLAIN {
    const bytes = this.#bytes
    const length = bytes[this.at++] ?? 0
    const start = this.at
    const end = start + length
    if (end > this.end) return NOT_PLAIN
    this.at = end
    let isLikely = length === likely.length
    for (let index = 0; index < length; index++) {
      const byte = bytes[start + index] ?? 0
      if (byte > 127) return NOT_PLAIN
      if (isLikely && byte !== likely.charCodeAt(index)) isLikely = false
    }
    return isLikely ? likely : bytes.toString('latin1', start, end)
  }

  /** Reads a number into `value`; false for a long one. */
  number(): boolean {
    const at = this.#long(this.at)
    this.at = at
    return at >= 0 && at <= this.end
  }

  /** Reads a number of up to 53 bits into `value`, as sequences made of the time in microseconds are; false for a longer one. */
  sequence(): boolean {
    const at = this.#long(this.at, MAX_SEQUENCE)
    this.at = at
    return at >= 0 && at <= this.end && this.value <= Number.MAX_SAFE_INTEGER
  }

  /** Reads a signed number into `value`: where it ends, or −1 for a long one. */
  #longSigned(start: number): number {
    const at = this.#long(start)
    this.value = signedOf(this.value)
    return at
  }

  /** Reads a number of up to 49 bits, or of so many bytes, into `value`: where it ends, or −1. */
  #long(start: number, most = MAX_VARINT): number {
    const bytes = this.#bytes
    let value = 0
    let factor = 1
    for (let at = start; at < start + most; at++) {
      const byte = bytes[at] ?? 0
      if (byte < 128) {
        this.value = value + byte * factor
        return at + 1
      }
      value += (byte - 128) * factor
      factor *= 128
    }
    return -1
  }
}

/** Zigzag: 0, 1, 2, 3, ... as 0, −1, 1, −2, ... */
function signedOf(value: number): number {
  const half = Math.floor(value / 2)
  return value === 2 * half ? half : -half - 1
}

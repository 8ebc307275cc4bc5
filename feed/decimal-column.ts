import type { Units } from '../functions/shared/streams/compact-bytes.ts'

/** Digits that a double holds exactly. */
const PLAIN_DIGITS = 15
const MAX_INTEGER_DIGITS = 15
const MAX_DECIMALS = 18
/** Those that a double holds exactly. */
const POWERS = Array.from({ length: 19 }, (_, exponent) => 10 ** exponent)
const ZERO = 48
const DOT = 46
const MINUS = 45

/** Decimals of a batch, as whole units of as few decimals as all of them need. */
export class DecimalColumn {
  readonly #units: Units[] = []
  readonly #scales: number[] = []
  /** Decimals of the column. */
  scale = 0

  /** Takes a decimal; false for a text that is none of up to 15 digits and 18 decimals, or has an exponent. */
  add(text: string): boolean {
    const { length } = text
    const first = text.charCodeAt(0) === MINUS ? 1 : 0
    let end = length
    let point = length
    let units = 0
    for (let at = first; at < length; at++) {
      const digit = text.charCodeAt(at) - ZERO
      if (digit >= 0 && digit <= 9) units = units * 10 + digit
      else if (digit === DOT - ZERO && point === length && at > first && at < length - 1) point = at
      else return false
    }
    if (length === first) return false
    if (point < length) {
      while (text.charCodeAt(end - 1) === ZERO) end--
      for (let cut = length; cut > end; cut--) units /= 10
      if (end - 1 === point) end = point
    }
    const scale = Math.max(0, end - point - 1)
    if (scale > MAX_DECIMALS || point - first > MAX_INTEGER_DIGITS) return false
    const isPlain = length - first <= PLAIN_DIGITS
    this.#units.push(isPlain ? (first === 1 ? -units : units) : exactUnits(text, point, end))
    this.#scales.push(scale)
    if (scale > this.scale) this.scale = scale
    return true
  }

  /** What was taken, in units of `scale` decimals. */
  units(): readonly Units[] {
    const { scale } = this
    const scales = this.#scales
    if (scale === 0) return this.#units
    return this.#units.map((each, index) => {
      const own = scales[index] ?? 0
      return own === scale ? each : raised(each, scale - own)
    })
  }
}

function raised(units: Units, by: number): Units {
  if (typeof units === 'number') {
    const product = units * (POWERS[by] ?? Infinity)
    if (Number.isSafeInteger(product)) return product
  }
  return BigInt(units) * 10n ** BigInt(by)
}

/** Where a double may have lost digits. */
function exactUnits(text: string, point: number, end: number): Units {
  const units = BigInt(text.slice(0, point) + text.slice(point + 1, end))
  const plain = Number(units)
  return Number.isSafeInteger(plain) ? plain : units
}

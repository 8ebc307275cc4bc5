import { MAX_DECIMALS } from '../../domain/decimal.ts'

/** The digits of a decimal of 128 bits, of which `MAX_DECIMALS` are behind the point. */
export const PRECISION = 38

const TOO_LARGE = 10n ** BigInt(PRECISION)
/** With so many characters a number is exact as a double. */
const SAFE_LENGTH = 15
/** With so many it is exact in 32 bits. */
const INT_LENGTH = 9
/** Below that a product with a limb, and what the limb below carries, is exact as a double. */
const MAX_SHORT = 2 ** 28
const LIMB = 2 ** 24
const PER_LIMB = 2 ** -24
const MINUS = 45
const POINT = 46
const ZERO = 48

/** Powers of ten, three limbs of 24 bits each, the lowest first. */
const POWERS = Float64Array.from({ length: 3 * (MAX_DECIMALS + 1) }, (_, index) =>
  Number(((10n ** BigInt(Math.floor(index / 3))) >> BigInt(24 * (index % 3))) & 0xff_ffffn),
)

/**
 * Writes the decimal of a plain text such as `-150.25` into four words, the lowest first, in units of 10^-18.
 *
 * @returns false where 38 digits, 18 of them behind the point, do not hold it exactly
 */
export function writeDecimal(words: Uint32Array, at: number, text: string): boolean {
  const { length } = text
  if (length > SAFE_LENGTH) return writeLong(words, at, text)
  const isNegative = text.charCodeAt(0) === MINUS
  const first = isNegative ? 1 : 0
  const middle = Math.min(length, first + INT_LENGTH)
  let point = length
  let head = 0
  // Whole numbers of 32 bits take a third of the time of doubles.
  for (let index = first; index < middle; index++) {
    const character = text.charCodeAt(index)
    if (character === POINT) point = index + 1
    else head = (Math.imul(head, 10) + (character - ZERO)) | 0
  }
  let tail = 0
  let power10 = 1
  for (let index = middle; index < length; index++) {
    const character = text.charCodeAt(index)
    if (character === POINT) point = index + 1
    else {
      tail = (Math.imul(tail, 10) + (character - ZERO)) | 0
      power10 = Math.imul(power10, 10)
    }
  }
  const digits = head * power10 + tail
  const power = 3 * (MAX_DECIMALS - length + point)
  if (digits < MAX_SHORT) multiplyShort(words, at, digits, power)
  else multiply(words, at, digits, power)
  if (isNegative) negate(words, at)
  return true
}

function writeLong(words: Uint32Array, at: number, text: string): boolean {
  const units = unitsOf(text)
  if (units === undefined) return false
  for (let word = 0; word < 4; word++) words[at + word] = Number((units >> BigInt(32 * word)) & 0xffff_ffffn)
  return true
}

function unitsOf(text: string): bigint | undefined {
  const point = text.indexOf('.')
  const decimals = point < 0 ? 0 : text.length - point - 1
  if (decimals > MAX_DECIMALS) return undefined
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1)
  const units = BigInt(digits) * 10n ** BigInt(MAX_DECIMALS - decimals)
  return units < TOO_LARGE && units > -TOO_LARGE ? units : undefined
}

/** Writes a factor below 2^53 times a power of ten. No sum of products reaches 2^53, so that doubles hold it. */
function multiply(words: Uint32Array, at: number, factor: number, power: number): void {
  const [p0, p1, p2] = [POWERS[power] ?? 0, POWERS[power + 1] ?? 0, POWERS[power + 2] ?? 0]
  const upper = Math.floor(factor * PER_LIMB)
  const f0 = factor - upper * LIMB
  const f2 = Math.floor(upper * PER_LIMB)
  const f1 = upper - f2 * LIMB
  const s0 = f0 * p0
  const c0 = Math.floor(s0 * PER_LIMB)
  const s1 = f0 * p1 + f1 * p0 + c0
  const c1 = Math.floor(s1 * PER_LIMB)
  const s2 = f0 * p2 + f1 * p1 + f2 * p0 + c1
  const c2 = Math.floor(s2 * PER_LIMB)
  const s3 = f1 * p2 + f2 * p1 + c2
  const c3 = Math.floor(s3 * PER_LIMB)
  const l1 = s1 - c1 * LIMB
  const l2 = s2 - c2 * LIMB
  words[at] = (s0 - c0 * LIMB) | (l1 << 24)
  words[at + 1] = (l1 >>> 8) | (l2 << 16)
  words[at + 2] = (l2 >>> 16) | ((s3 - c3 * LIMB) << 8)
  words[at + 3] = f2 * p2 + c3
}

/** The same of a factor below `MAX_SHORT`, which is one limb. */
function multiplyShort(words: Uint32Array, at: number, factor: number, power: number): void {
  const s0 = factor * (POWERS[power] ?? 0)
  const c0 = Math.floor(s0 * PER_LIMB)
  const s1 = factor * (POWERS[power + 1] ?? 0) + c0
  const c1 = Math.floor(s1 * PER_LIMB)
  const s2 = factor * (POWERS[power + 2] ?? 0) + c1
  const c2 = Math.floor(s2 * PER_LIMB)
  const l1 = s1 - c1 * LIMB
  const l2 = s2 - c2 * LIMB
  words[at] = (s0 - c0 * LIMB) | (l1 << 24)
  words[at + 1] = (l1 >>> 8) | (l2 << 16)
  words[at + 2] = (l2 >>> 16) | (c2 << 8)
  // Less than 10^27 is below 2^96.
  words[at + 3] = 0
}

/** Two's complement. */
function negate(words: Uint32Array, at: number): void {
  let carry = 1
  for (let word = at; word < at + 4; word++) {
    const sum = 0xffff_ffff - (words[word] ?? 0) + carry
    words[word] = sum
    carry = sum > 0xffff_ffff ? 1 : 0
  }
}

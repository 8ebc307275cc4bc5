/** Decimals that a price or a volume may have. */
export const MAX_DECIMALS = 18

/** Digits before the decimal point that a price or a volume may have. */
export const INTEGER_DIGITS = 15

/** An exact decimal: `units · 10^-scale`, the units a bigint only where a double would not be exact. */
export type Decimal = { readonly units: number | bigint; readonly scale: number }

/** Why a text is no decimal that we can hold exactly. */
export type DecimalFault = 'not-a-number' | 'too-many-decimals' | 'too-large'

/** A double in full has up to 767 digits. */
const MAX_DOUBLE_DIGITS = 767
/** Significant digits that tell any two doubles apart; a text with as many may be binary noise. */
const NOISY_DIGITS = 17
/** Digits that JavaScript prints of a double at the most. */
const MAX_PRECISION = 100
const MAX_EXPONENT = 400
const ZERO = 48
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Reads a decimal from its text without passing through binary floating point. Up to `decimals` are kept exactly; a text
 * with more of them that a double printed in full may have is read as the shortest decimal of that double.
 *
 * @param text a JSON number or the same in a string: `150.25`, `-1e-8`
 * @param options.decimals decimals that are kept. @default 18
 * @param options.integerDigits digits before the point that are allowed. @default 15
 */
export function parseDecimal(
  text: string,
  options: { readonly decimals?: number; readonly integerDigits?: number } = {},
): Decimal | DecimalFault {
  const match = NUMBER.exec(text)
  if (match === null) return 'not-a-number'
  const [, sign = '', whole = '', part = '', exponent = '0'] = match
  const { decimals = MAX_DECIMALS, integerDigits = INTEGER_DIGITS } = options
  const digits = trimZeros(whole + part, 'both')
  if (digits.text === '') return { units: 0, scale: 0 }
  const shift = Number(exponent)
  if (Math.abs(shift) > MAX_EXPONENT) return shift > 0 ? 'too-large' : 'too-many-decimals'
  const scale = part.length - digits.cut - shift
  if (digits.text.length - scale > integerDigits) return 'too-large'
  if (scale > decimals) {
    if (digits.text.length > MAX_DOUBLE_DIGITS) return 'too-many-decimals'
    const double = Math.abs(Number(text))
    return isDoubleInFull(double, digits.text)
      ? parseDecimal(`${sign}${double}`, options)
      : 'too-many-decimals'
  }
  const units = sign + (scale < 0 ? digits.text + '0'.repeat(-scale) : digits.text)
  return { units: toUnits(units), scale: Math.max(0, scale) }
}

/** True for the digits of a double that was printed with more of them than tell it from others. */
function isDoubleInFull(double: number, digits: string): boolean {
  const { length } = digits
  if (length < NOISY_DIGITS) return false
  const printed = double.toPrecision(Math.min(length, MAX_PRECISION)).replace(/e.*$/, '').replace('.', '')
  return digits.startsWith(trimZeros(printed, 'both').text)
}

/** A decimal as a count of units of 10^-scale; the scale must not be below its own. */
export function unitsAt({ units, scale }: Decimal, wanted: number): number | bigint {
  if (wanted === scale) return units
  if (typeof units === 'number') {
    const scaled = units * (POWERS[wanted - scale] ?? Number.NaN)
    if (Number.isSafeInteger(scaled)) return scaled
  }
  return narrow(BigInt(units) * bigPower(wanted - scale))
}

/** Writes `units · 10^-scale` as its shortest exact text: no exponent, no trailing zeros. */
export function formatDecimal(units: number | bigint, scale: number): string {
  if (scale === 0) return String(units)
  // A double keeps 15 digits apart, so the shortest text of the nearest one is the decimal; below 1e-6 it has an exponent.
  if (typeof units === 'number' && units >= (MIN_PLAIN[scale] ?? Infinity) && units < MAX_PLAIN)
    return String(units / (POWERS[scale] ?? 1))
  return formatDigits(units, scale)
}

/** Powers of ten that a double holds exactly. */
export const POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** 10^exponent. */
export function bigPower(exponent: number): bigint {
  return BIG_POWERS[exponent] ?? 10n ** BigInt(exponent)
}

/** A number where a double is exact, the bigint otherwise. */
export function narrow(units: bigint): number | bigint {
  return units <= MAX_SAFE && units >= -MAX_SAFE ? Number(units) : units
}

/** The quotient rounded to the nearest whole number, halves up; the divisor is positive. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const doubled = 2n * dividend + divisor
  const quotient = doubled / (2n * divisor)
  // Division of bigints cuts towards zero.
  return doubled < 0n && doubled % (2n * divisor) !== 0n ? quotient - 1n : quotient
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const MAX_PLAIN = 1_000_000_000_000_000
const BIG_POWERS: readonly bigint[] = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent))
/** By scale, the units from which on the number is at least 10⁻⁶; what has no exact power is never plain. */
const MIN_PLAIN: readonly number[] = POWERS.map((_, scale) => (scale <= 6 ? 1 : Number(`1e${scale - 6}`)))

function formatDigits(units: number | bigint, scale: number): string {
  const text = String(units)
  const isNegative = text.startsWith('-')
  const digits = (isNegative ? text.slice(1) : text).padStart(scale + 1, '0')
  const fraction = trimZeros(digits.slice(-scale), 'end').text
  const written = digits.slice(0, -scale) + (fraction === '' ? '' : `.${fraction}`)
  return isNegative && written !== '0' ? `-${written}` : written
}

function toUnits(text: string): number | bigint {
  return text.length < 16 ? Number(text) : narrow(BigInt(text))
}

/** Without its zeros, and how many were cut off at the end. */
function trimZeros(digits: string, where: 'both' | 'end'): { readonly text: string; readonly cut: number } {
  let start = 0
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO) end--
  if (where === 'both') while (start < end && digits.charCodeAt(start) === ZERO) start++
  return { text: digits.slice(start, end), cut: digits.length - end }
}

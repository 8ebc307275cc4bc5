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
  const digits = trimZeros(whole + part)
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
  return digits.startsWith(trimZeros(printed).text)
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
const BIG_POWERS: readonly bigint[] = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent))

function toUnits(text: string): number | bigint {
  return text.length < 16 ? Number(text) : narrow(BigInt(text))
}

/** Without the zeros around it, and how many were cut off at the end. */
function trimZeros(digits: string): { readonly text: string; readonly cut: number } {
  const text = withoutZeros(digits)
  let start = 0
  while (start < text.length && text.charCodeAt(start) === ZERO) start++
  return { text: text.slice(start), cut: digits.length - text.length }
}

/** Writes `units · 10^-scale` as its shortest exact text: no exponent, no trailing zeros. */
export function formatDecimal(units: number | bigint, scale: number): string {
  if (scale === 0) return typeof units === 'number' ? numberText(units) : String(units)
  if (typeof units === 'number' && units >= 0 && units < MAX_PLAIN && scale <= MAX_PLAIN_SCALE)
    return formatPlain(units, scale)
  return formatDigits(units, scale)
}

/**
 * The text of a number, as `String` gives it: for whole numbers, as most are, without the conversion of a double, which takes
 * several times as long.
 */
export function numberText(number: number): string {
  const small = number | 0
  if (small === number) return `${small}`
  if (number > 0 && number < MAX_PLAIN) {
    const millions = Math.floor(number / 1_000_000)
    const rest = number - millions * 1_000_000
    const thousands = (rest / 1000) | 0
    const ones = rest - thousands * 1000
    if ((ones | 0) === ones && millions > 0) return `${millions | 0}${DIGITS[thousands]}${DIGITS[ones]}`
  }
  return String(number)
}

const MAX_PLAIN = 1_000_000_000_000_000
const MAX_PLAIN_SCALE = 9

/**
 * Three digits at a time from tables: a double that was not printed lately takes several times as long, and a price, a sum
 * or a vwap is a new one each time. The quotient is exact: up to 15 digits it is never rounded up to a whole number.
 */
function formatPlain(units: number, scale: number): string {
  const power = POWERS[scale] ?? 1
  const whole = Math.floor(units / power)
  const billionths = (units - whole * power) * (POWERS[MAX_PLAIN_SCALE - scale] ?? 1)
  const first = Math.floor(billionths / 1_000_000)
  const rest = billionths - first * 1_000_000
  if (rest === 0) return numberText(whole) + (FIRST_AND_LAST[first] ?? '')
  const second = Math.floor(rest / 1000)
  const third = rest - second * 1000
  if (third === 0) return `${numberText(whole)}${FIRST[first]}${LAST[second]}`
  return `${numberText(whole)}${FIRST[first]}${DIGITS[second]}${LAST[third]}`
}

/** By number, three digits; with the point before them; without the zeros at their end; with one and without the other. */
const DIGITS = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'))
const FIRST = DIGITS.map((digits) => `.${digits}`)
const LAST = DIGITS.map(withoutZeros)
const FIRST_AND_LAST = LAST.map((digits) => (digits === '' ? '' : `.${digits}`))

function formatDigits(units: number | bigint, scale: number): string {
  const text = String(units)
  const isNegative = text.startsWith('-')
  const digits = (isNegative ? text.slice(1) : text).padStart(scale + 1, '0')
  const fraction = withoutZeros(digits.slice(-scale))
  const written = digits.slice(0, -scale) + (fraction === '' ? '' : `.${fraction}`)
  return isNegative && written !== '0' ? `-${written}` : written
}

function withoutZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO) end--
  return digits.slice(0, end)
}

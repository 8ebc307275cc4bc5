import { invalid } from '../errors.ts'

/** A number: 0.`digits` x 10^`exponent`, `digits` without zeros at either end and empty for zero. */
export type Decimal = { readonly isNegative: boolean; readonly digits: string; readonly exponent: number }

const MOST_DIGITS = 38
/** Of 9.99e125 and of 1e-130. */
const [LARGEST_EXPONENT, SMALLEST_EXPONENT] = [126, -129]
/** A number that is written longer cannot be one of 38 digits, unless it is padded without end. */
const LONGEST_TEXT = 1_000

const WRITTEN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/

const ZERO: Decimal = { isNegative: false, digits: '', exponent: 0 }

/** Reads a number; throws a ValidationException where DynamoDB would. */
export function parseDecimal(text: string): Decimal {
  const match = text.length > LONGEST_TEXT ? null : WRITTEN.exec(text)
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? []
  if (match === null || whole.length + fraction.length === 0)
    throw invalid(
      text === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text.slice(0, 100)}`,
    )
  return inRange(normalized(sign === '-', whole + fraction, whole.length + Number(power)))
}

function normalized(isNegative: boolean, written: string, exponent: number): Decimal {
  let start = 0
  while (written[start] === '0') start++
  let end = written.length
  while (end > start && written[end - 1] === '0') end--
  if (start === end) return ZERO
  return { isNegative, digits: written.slice(start, end), exponent: exponent - start }
}

function inRange(number: Decimal): Decimal {
  if (number.digits === '') return number
  if (number.exponent > LARGEST_EXPONENT)
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range')
  if (number.exponent < SMALLEST_EXPONENT)
    throw invalid(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    )
  if (number.digits.length > MOST_DIGITS)
    throw invalid('Attempting to store more than 38 significant digits in a Number')
  return number
}

/** Without exponent, and without zeros that say nothing: the one way in which a number is kept. */
export function formatDecimal({ isNegative, digits, exponent }: Decimal): string {
  if (digits === '') return '0'
  const sign = isNegative ? '-' : ''
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`
  if (exponent >= digits.length) return `${sign}${digits}${'0'.repeat(exponent - digits.length)}`
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`
}

export function compareDecimals(one: Decimal, other: Decimal): number {
  const [sign, its] = [signOf(one), signOf(other)]
  if (sign !== its || sign === 0) return sign - its
  if (one.exponent !== other.exponent) return one.exponent > other.exponent ? sign : -sign
  if (one.digits === other.digits) return 0
  return one.digits > other.digits ? sign : -sign
}

function signOf({ isNegative, digits }: Decimal): number {
  if (digits === '') return 0
  return isNegative ? -1 : 1
}

/** The exact sum; throws a ValidationException where it has more than 38 digits. */
export function addDecimals(one: Decimal, other: Decimal): Decimal {
  const scale = Math.min(lowestPower(one), lowestPower(other))
  const sum = unitsAt(one, scale) + unitsAt(other, scale)
  const written = String(sum < 0n ? -sum : sum)
  return inRange(normalized(sum < 0n, written, written.length + scale))
}

export function negated(number: Decimal): Decimal {
  return number.digits === '' ? number : { ...number, isNegative: !number.isNegative }
}

function lowestPower({ digits, exponent }: Decimal): number {
  return digits === '' ? 0 : exponent - digits.length
}

function unitsAt(number: Decimal, scale: number): bigint {
  if (number.digits === '') return 0n
  const units = BigInt(number.digits + '0'.repeat(lowestPower(number) - scale))
  return number.isNegative ? -units : units
}

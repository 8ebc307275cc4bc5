/** Decimals a price, a volume or a vwap may have. */
export const DECIMALS = 8

/** Digits before the decimal point that a price or a volume may have. */
export const INTEGER_DIGITS = 15

/** Units of 10⁻⁸ in one. */
export const ONE = 100_000_000

/** A non-negative decimal, exact: `integer + fraction · 10⁻⁸`, with `fraction` below 10⁸. */
export type Decimal = { readonly integer: number; readonly fraction: number }

/** Why a text is no decimal that we can hold exactly. */
export type DecimalFault = 'not-a-number' | 'negative' | 'too-many-decimals' | 'too-large'

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Reads a decimal from its text without passing through binary floating point.
 *
 * @param text a JSON number or the same in a string: `150.25`, `1e-8`
 * @param decimals digits kept after the point; `fraction` is in units of 10^-decimals
 */
export function parseDecimal(text: string, decimals: number = DECIMALS): Decimal | DecimalFault {
  const match = NUMBER.exec(text)
  if (match === null) return 'not-a-number'
  const [, sign, whole = '', part = '', exponent = '0'] = match
  const shift = Number(exponent)
  const digits = whole + part
  const point = whole.length + shift
  const integer = (point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0')).replace(/^0+(?=\d)/, '')
  const fraction = (point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)).replace(/0+$/, '')
  if (sign === '-') return 'negative'
  if (integer.length > INTEGER_DIGITS) return 'too-large'
  if (fraction.length > decimals) return 'too-many-decimals'
  return { integer: Number(integer), fraction: Number(fraction.padEnd(decimals, '0') || '0') }
}

/** Writes a decimal as its shortest exact text: no exponent, no trailing zeros. */
export function formatDecimal(integer: number, fraction: number): string {
  if (fraction === 0) return String(integer)
  // A double keeps 15 digits apart, so the shortest text of the nearest one is the decimal; below 1 it may be 1e-7.
  if (integer > 0 && integer < 10_000_000) return String((integer * ONE + fraction) / ONE)
  return `${integer}.${trimZeros(String(fraction).padStart(DECIMALS, '0'))}`
}

/** Writes a count of units of 10⁻⁸ as a decimal. */
export function formatUnits(units: bigint): string {
  const digits = units.toString().padStart(DECIMALS + 1, '0')
  const fraction = trimZeros(digits.slice(-DECIMALS))
  const integer = digits.slice(0, -DECIMALS)
  return fraction === '' ? integer : `${integer}.${fraction}`
}

/** The decimal as a count of units of 10⁻⁸. */
export function toUnits(integer: number, fraction: number): bigint {
  return BigInt(integer) * BigInt(ONE) + BigInt(fraction)
}

function trimZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}

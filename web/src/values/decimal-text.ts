import {
  bigPower,
  type Decimal,
  divideHalfUp,
  formatDecimal,
  parseDecimal,
} from '../../../functions/domain/decimal.ts'

/** What the API sends: sums of 45 digits with 36 decimals at the most. */
const LIMITS = { decimals: 36, integerDigits: 60 }
const ZERO: Decimal = { units: 0, scale: 0 }

/** The value of a decimal text; zero for what is none, which the API never sends. */
function valueOf(text: string): Decimal {
  const value = parseDecimal(text, LIMITS)
  return typeof value === 'string' ? ZERO : value
}

/** Both as counts of the same unit. */
function aligned(a: string, b: string): { readonly a: bigint; readonly b: bigint; readonly scale: number } {
  const [left, right] = [valueOf(a), valueOf(b)]
  const scale = Math.max(left.scale, right.scale)
  const at = ({ units, scale: own }: Decimal): bigint => BigInt(units) * bigPower(scale - own)
  return { a: at(left), b: at(right), scale }
}

/** Whether a text is a decimal number. */
export function isDecimal(text: string): boolean {
  return typeof parseDecimal(text, LIMITS) !== 'string'
}

/** The exact sum. */
export function plus(a: string, b: string): string {
  const { a: left, b: right, scale } = aligned(a, b)
  return formatDecimal(left + right, scale)
}

/** The exact difference. */
export function minus(a: string, b: string): string {
  const { a: left, b: right, scale } = aligned(a, b)
  return formatDecimal(left - right, scale)
}

/** Below zero, zero or above, as `a` is below, at or above `b`. */
export function compare(a: string, b: string): number {
  const { a: left, b: right } = aligned(a, b)
  return left < right ? -1 : Number(left > right)
}

export function greatest(a: string, b: string): string {
  return compare(a, b) < 0 ? b : a
}

export function least(a: string, b: string): string {
  return compare(b, a) < 0 ? b : a
}

/** `part / whole`, rounded half up to so many decimals; null where the whole is zero or less. */
export function quotient(part: string, whole: string, decimals: number): string | null {
  const { a, b } = aligned(part, whole)
  return b <= 0n ? null : formatDecimal(divideHalfUp(a * bigPower(decimals), b), decimals)
}

/** How many percent of `whole` the `part` is, with so many decimals; null where the whole is zero or less. */
export function percent(part: string, whole: string, decimals = 2): string | null {
  const ratio = quotient(part, whole, decimals + 2)
  return ratio === null ? null : padded(minusZero(shifted(ratio, 2)), decimals)
}

/** Rounded half up to so many decimals, and never by way of a double. */
export function rounded(text: string, decimals: number): string {
  const { units, scale } = valueOf(text)
  if (scale <= decimals) return formatDecimal(units, scale)
  return formatDecimal(divideHalfUp(BigInt(units), bigPower(scale - decimals)), decimals)
}

/** With zeros behind it up to so many decimals; no digit is ever cut. */
export function padded(text: string, decimals: number): string {
  const missing = decimals - decimalsOf(text)
  if (missing <= 0) return text
  return `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(missing)}`
}

/** How many digits a plain decimal has behind its point. */
export function decimalsOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/** With commas between thousands: `-1,234,567.8901`. */
export function grouped(text: string): string {
  const [whole = '', part] = text.split('.')
  const marked = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return part === undefined ? marked : `${marked}.${part}`
}

/** With its sign, a plus too; zero has none. */
export function signed(text: string): string {
  return /[1-9]/.test(text) && !text.startsWith('-') ? `+${text}` : text
}

function shifted(text: string, places: number): string {
  const { units, scale } = valueOf(text)
  return scale >= places
    ? formatDecimal(units, scale - places)
    : formatDecimal(BigInt(units) * bigPower(places - scale), 0)
}

function minusZero(text: string): string {
  return text === '-0' ? '0' : text
}

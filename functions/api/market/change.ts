import { divideHalfUp, formatDecimal, parseDecimal, unitsAt } from '../../domain/decimal.ts'

const PERCENT_SCALE = 4

/**
 * How far a price has moved, exactly; in percent to 4 decimals, which a price of zero or less has not.
 *
 * @param before text of a decimal
 * @param after text of a decimal
 * @throws RangeError for what is no decimal of a bar
 */
export function changeBetween(
  before: string,
  after: string,
): { readonly change: string; readonly percent: string | undefined } {
  const [first, last] = [decimalOf(before), decimalOf(after)]
  const scale = Math.max(first.scale, last.scale)
  const from = BigInt(unitsAt(first, scale))
  const change = BigInt(unitsAt(last, scale)) - from
  return {
    change: formatDecimal(change, scale),
    percent:
      from > 0n
        ? formatDecimal(divideHalfUp(change * 100n * 10n ** BigInt(PERCENT_SCALE), from), PERCENT_SCALE)
        : undefined,
  }
}

function decimalOf(text: string) {
  const decimal = parseDecimal(text)
  if (typeof decimal === 'string') throw new RangeError(`${text} is no price of a bar: ${decimal}`)
  return decimal
}

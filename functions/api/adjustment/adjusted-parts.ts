import { type Adjustment, adjustmentWithin, type Scale } from '../../domain/adjustment.ts'
import { MAX_DECIMALS } from '../../domain/decimal.ts'
import { type Given, iso } from '../bars/bar-grid.ts'
import type { Span } from '../page/read-plan.ts'

/** SQL for the units by which sums of adjusted parts are divided; undefined where that is 1. */
export type Units = Readonly<Record<'price' | 'volume' | 'notional', string | undefined>>

/** Bars as they were traded. */
export const NO_UNITS: Units = { price: undefined, volume: undefined, notional: undefined }

/** Adds the units of an adjustment to a statement. */
export function unitsOf(adjustment: Adjustment | undefined, given: Given): Units {
  if (adjustment === undefined) return NO_UNITS
  const { price, volume, notional } = adjustment
  const unitOf = ({ unit }: Scale) => (unit === 1n ? undefined : given(String(unit), 'numeric'))
  return { price: unitOf(price), volume: unitOf(volume), notional: unitOf(notional) }
}

/** SQL for parts of bars whose values are multiplied, exactly; `unitsOf` has what they are to be divided by. */
export function adjustedParts(
  parts: string,
  { adjustment, span }: { readonly adjustment: Adjustment | undefined; readonly span: Span },
  given: Given,
): string {
  if (adjustment === undefined) return parts
  const { from, price, volume, notional } = adjustmentWithin(adjustment, span)
  const times = given(
    from.map((time) => (time === -Infinity ? '-infinity' : iso(time))),
    'timestamptz[]',
  )
  const by = ({ multipliers }: Scale): string =>
    `(${given(multipliers.map(String), 'numeric[]')})[width_bucket(newest, ${times})]`
  const ofPrice = by(price)
  const ofNotional = by(notional)
  return `
    SELECT start, oldest, newest, written_at, open * ${ofPrice} AS open, high * ${ofPrice} AS high, low * ${ofPrice} AS low,
      close * ${ofPrice} AS close, volume * ${by(volume)} AS volume, weighted * ${ofNotional} AS weighted,
      notional * ${ofNotional} AS notional, trade_count, revision, complete, withdrawn, source
    FROM (${parts}) AS traded`
}

/** SQL for a value divided by a unit, rounded half up to so many decimals as a price may have. */
export function divided(value: string, unit: string | undefined): string {
  if (unit === undefined) return `trim_scale(${value})`
  const doubled = `2${'0'.repeat(MAX_DECIMALS)} * ${value} + ${unit}`
  return roundedHalfUp(doubled, `2 * ${unit}`, MAX_DECIMALS)
}

/**
 * SQL for a quotient rounded half up in whole numbers.
 *
 * @param halves twice the dividend in units of the last decimal, and the divisor
 * @param twice twice the divisor
 */
export function roundedHalfUp(halves: string, twice: string, decimals: number): string {
  const unit = `0.${'1'.padStart(decimals, '0')}`
  return `trim_scale((div(${halves}, ${twice}) - (mod(${halves}, ${twice}) < 0)::integer) * ${unit})`
}

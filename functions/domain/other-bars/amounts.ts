import { bigPower, formatDecimal, MAX_DECIMALS, parseDecimal, unitsAt } from '../decimal.ts'
import { type Trades, UPDATES } from '../trade.ts'

/** Decimals in which prices and volumes are summed exactly, and their products. */
export const PRICE_DECIMALS = MAX_DECIMALS
export const VOLUME_DECIMALS = MAX_DECIMALS
export const DOLLAR_DECIMALS = PRICE_DECIMALS + VOLUME_DECIMALS

/** The price at a place of the columns, in units of 10⁻¹⁸. */
export function priceAt({ columns, wide, from, priceScale }: Trades, index: number): bigint {
  const units = wide?.[index - from]?.price ?? BigInt(columns.price[index] ?? 0)
  return units * bigPower(PRICE_DECIMALS - priceScale)
}

/** The volume at a place of the columns, in units of 10⁻¹⁸. */
export function volumeAt({ columns, wide, from, volumeScale }: Trades, index: number): bigint {
  const units = wide?.[index - from]?.volume ?? BigInt(columns.volume[index] ?? 0)
  return units * bigPower(VOLUME_DECIMALS - volumeScale)
}

/** Whether the trade at a place counts: it updates the volume. */
export function isCounted({ columns, hasUpdates }: Trades, index: number): boolean {
  return !hasUpdates || ((columns.updates[index] ?? UPDATES.all) & UPDATES.volume) !== 0
}

/** Whether the trade at a place may be the close of a bar. */
export function isLast({ columns, hasUpdates }: Trades, index: number): boolean {
  return !hasUpdates || ((columns.updates[index] ?? UPDATES.all) & UPDATES.openClose) !== 0
}

export function distance(units: bigint): bigint {
  return units < 0n ? -units : units
}

/** The price in the text of a bar, in units of 10⁻¹⁸. */
export function priceOf(text: string): bigint {
  const decimal = parseDecimal(text)
  if (typeof decimal === 'string') throw new RangeError(`${text} is no price of a bar: ${decimal}`)
  return BigInt(unitsAt(decimal, PRICE_DECIMALS))
}

/** A price in units of 10⁻¹⁸ as text. */
export function textOf(price: bigint): string {
  return formatDecimal(price, PRICE_DECIMALS)
}

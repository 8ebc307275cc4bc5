/** Whole numbers up to that, and the difference of any two of them, are exact. */
const MAX_COUNT = 2 ** 52

/**
 * The largest power of ten, up to `unit` and not below 1, of which a price is a whole number; 0 where there is none:
 * such prices are written as they are.
 */
export function commonUnit(unit: number, price: number): number {
  let common = unit
  while (common >= 1 && !isCounted(price, common)) common /= 10
  return common >= 1 ? common : 0
}

/** Whether a price for which `unit` or a larger one was found comes back from its count to the bit. */
export function isExact(price: number, unit: number): boolean {
  return unit === 0 || !isLarge(price) || isCounted(price, unit)
}

/** Whether a price that is a multiple of a unit may be too large for a smaller one. */
export function isLarge(price: number): boolean {
  return price > MAX_COUNT || price < -MAX_COUNT
}

function isCounted(price: number, unit: number): boolean {
  const count = Math.floor(price / unit)
  return count * unit === price && Math.abs(count) <= MAX_COUNT
}

/**
 * The count of a price where it can be found by `inverse`, 1/unit; else NaN. A product takes a fraction of the time of a
 * quotient, and gives the count nearly always.
 */
export function countBy(inverse: number, price: number, unit: number): number {
  const count = Math.floor(price * inverse + 0.5)
  return count * unit === price && count <= MAX_COUNT && count >= -MAX_COUNT ? count : Number.NaN
}

/** A price in units; unchanged where the unit is 0. */
export function toCount(price: number, unit: number): number {
  return unit === 0 ? price : Math.floor(price / unit)
}

/** What `toCount` made a count of. */
export function toPrice(count: number, unit: number): number {
  return unit === 0 ? count : count * unit
}

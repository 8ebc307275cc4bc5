import type { ColumnValues } from './table.ts'

/** Numbers of a column as whole units of `10^-scale`; NaN where one is none, or has too many digits. */
export type Numbers = { readonly units: Float64Array; readonly scale: number }

/** Digits that a double holds exactly; a decimal of so many is the shortest text of its double. */
const MAX_UNITS = 1e15
/** Decimals of doubles that are looked for. */
const MAX_SCALE = 12
const POWERS = Array.from({ length: 19 }, (_, exponent) => Number(`1e${exponent}`))

/** The numbers of a column; undefined for one that does not hold numbers. */
export function numbersOf(column: ColumnValues): Numbers | undefined {
  const numbers = valuesOf(column)
  return numbers && { units: ofRows(numbers.units, column.places), scale: numbers.scale }
}

/** A number for each row where its place is given. */
export function ofRows(numbers: Float64Array, places: Int32Array | undefined): Float64Array {
  if (places === undefined) return numbers
  const all = new Float64Array(places.length)
  for (let index = 0; index < all.length; index++) all[index] = numbers[places[index] ?? 0] ?? Number.NaN
  return all
}

function valuesOf({ values, scale, unit }: ColumnValues): Numbers | undefined {
  if (unit !== undefined) return undefined
  if (values instanceof Float64Array) return fromDoubles(values)
  if (values instanceof Int32Array || values instanceof Uint32Array)
    return fromUnits(Float64Array.from(values), scale ?? 0)
  const words = wordsOf(values)
  if (words !== undefined) {
    const units = new Float64Array(values.length)
    for (let index = 0; index < units.length; index++)
      units[index] = (words[2 * index + 1] ?? 0) * 2 ** 32 + ((words[2 * index] ?? 0) >>> 0)
    return fromUnits(units, scale ?? 0)
  }
  if (!Array.isArray(values)) return undefined
  const doubles = new Float64Array(values.length)
  for (let index = 0; index < doubles.length; index++) {
    const value: unknown = values[index]
    doubles[index] = typeof value === 'number' ? value : Number.NaN
  }
  return scale === undefined ? fromDoubles(doubles) : fromUnits(doubles, scale)
}

/** Pairs of 32 bits, the lower first, of 64-bit whole numbers; undefined where a value is none. */
export function wordsOf(values: ArrayLike<unknown>): Int32Array | undefined {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    return new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  if (!Array.isArray(values) || typeof values[0] !== 'bigint') return undefined
  const copy = new BigInt64Array(values.length)
  for (let index = 0; index < copy.length; index++) {
    const value: unknown = values[index]
    if (typeof value !== 'bigint') return undefined
    copy[index] = value
  }
  return new Int32Array(copy.buffer)
}

/** Decimals that all of them share are taken away when they are zeros, so that sums stay small. */
function fromUnits(units: Float64Array, scale: number): Numbers {
  let zeros = scale
  for (let index = 0; index < units.length; index++) {
    const value = units[index] ?? 0
    if (!(value <= MAX_UNITS && value >= -MAX_UNITS)) units[index] = Number.NaN
    else while (zeros > 0 && value % (POWERS[zeros] ?? 1) !== 0) zeros--
  }
  const divisor = POWERS[zeros] ?? 1
  if (zeros > 0)
    for (let index = 0; index < units.length; index++) units[index] = (units[index] ?? 0) / divisor
  return { units, scale: scale - zeros }
}

/**
 * A double of a decimal of up to 15 digits is that decimal: no other of as few digits has the same double. All of a column
 * get the decimals of the one with the most.
 */
function fromDoubles(values: Float64Array): Numbers {
  let scale = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (!isAt(value, scale)) scale = scaleOf(value, scale + 1) ?? scale
  }
  const power = POWERS[scale] ?? 1
  const units = new Float64Array(values.length)
  for (let index = 0; index < units.length; index++) {
    const value = values[index] ?? 0
    const whole = Math.round(value * power)
    units[index] = whole / power === value && Math.abs(whole) <= MAX_UNITS ? whole : Number.NaN
  }
  return { units, scale }
}

/** The fewest decimals, from so many on, that a double has; undefined where they are too many. */
function scaleOf(value: number, from: number): number | undefined {
  for (let scale = from; scale <= MAX_SCALE; scale++) {
    if (Math.abs(value) * (POWERS[scale] ?? 1) > MAX_UNITS) return undefined
    if (isAt(value, scale)) return scale
  }
  return undefined
}

function isAt(value: number, scale: number): boolean {
  const power = POWERS[scale] ?? 1
  return Math.round(value * power) / power === value
}

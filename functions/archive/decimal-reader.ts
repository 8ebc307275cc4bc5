import { type Decimal, MAX_DECIMALS, narrow } from '../domain/decimal.ts'

/** Digits that nearly all values can do without, and so many decimals less. */
const USUAL_ZEROS = 10
const USUAL_FACTOR = 10n ** 10n

/** Reads decimals of 128 bits at the scale of the archive, with as few decimals as they need. */
export class DecimalReader {
  /** A value that comes again in a row group is the same object of its dictionary. */
  readonly #known = new Map<Uint8Array, Decimal>()

  /** @throws RangeError when the value is neither missing nor 16 bytes */
  read(value: unknown): Decimal | undefined {
    if (value === undefined || value === null) return undefined
    if (!(value instanceof Uint8Array) || value.length !== 16)
      throw new RangeError(`a decimal is ${typeof value}, and no 16 bytes`)
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
    const decimal = shortest((view.getBigInt64(0) << 64n) | view.getBigUint64(8))
    this.#known.set(value, decimal)
    return decimal
  }
}

function shortest(units: bigint): Decimal {
  if (units === 0n) return { units: 0, scale: 0 }
  let rest = units
  let scale = MAX_DECIMALS
  if (rest % USUAL_FACTOR === 0n) {
    rest /= USUAL_FACTOR
    scale -= USUAL_ZEROS
  }
  const short = narrow(rest)
  if (typeof short === 'number') {
    let number = short
    while (scale > 0 && number % 10 === 0) {
      number /= 10
      scale--
    }
    return { units: number, scale }
  }
  while (scale > 0 && rest % 10n === 0n) {
    rest /= 10n
    scale--
  }
  return { units: narrow(rest), scale }
}

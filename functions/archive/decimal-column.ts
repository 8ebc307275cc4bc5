import { bigPower, type Decimal, MAX_DECIMALS } from '../domain/decimal.ts'

/** Bytes of a decimal in Parquet: 38 digits, big-endian, two's complement. */
const BYTES = 16
const LOW_BITS = 64n

/** A decimal as Parquet has it; one object for all equal ones, which the writer then tells apart without a look at their bytes. */
type Written = { readonly units: bigint; readonly bytes: Uint8Array }

/** What a reader may skip a row group by. */
type Statistics = {
  readonly min_value: bigint | undefined
  readonly max_value: bigint | undefined
  readonly null_count: bigint
}

/** Decimals of an object, in units of its columns. A price comes again and again, and making bytes of it takes longer than all else. */
export class DecimalBytes {
  readonly #known = new Map<number, Map<Decimal['units'], Written>>()

  of({ units, scale }: Decimal): Written {
    let ofScale = this.#known.get(scale)
    if (ofScale === undefined) this.#known.set(scale, (ofScale = new Map()))
    let written = ofScale.get(units)
    if (written === undefined) ofScale.set(units, (written = write(units, scale)))
    return written
  }
}

function write(units: Decimal['units'], scale: number): Written {
  const whole = BigInt(units) * bigPower(MAX_DECIMALS - scale)
  const bytes = new Uint8Array(BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, whole >> LOW_BITS)
  view.setBigUint64(BYTES / 2, BigInt.asUintN(64, whole))
  return { units: whole, bytes }
}

/** A column of decimals, some of which are not there. */
export type DecimalColumn = readonly (Written | undefined)[]

/** The statistics of some rows of a column. */
export function statisticsOf(column: DecimalColumn, from: number, to: number): Statistics {
  const distinct = new Set<Written>()
  let nulls = 0
  for (let row = from; row < to; row++) {
    const written = column[row]
    if (written === undefined) nulls++
    else distinct.add(written)
  }
  let least: bigint | undefined
  let most: bigint | undefined
  for (const { units } of distinct) {
    if (least === undefined || units < least) least = units
    if (most === undefined || units > most) most = units
  }
  return { min_value: least, max_value: most, null_count: BigInt(nulls) }
}

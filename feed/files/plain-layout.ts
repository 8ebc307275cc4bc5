import type { TickLine } from '../tick.ts'
import type { Layout } from './columns.ts'
import type { Format, Traits } from './format.ts'
import type { TimeUnit } from './times.ts'

/** Where a table has what plain trades are made of: a number each for time, price and volume, and perhaps an id. */
export type PlainLayout = {
  /** Of all rows; undefined where a column has it. */
  readonly symbol: string | undefined
  readonly places: {
    readonly symbol: number | undefined
    readonly time: number
    readonly price: number
    readonly volume: number
    readonly id: number | undefined
  }
  readonly unit: TimeUnit
  /** The line that ids count on. */
  readonly line: TickLine | undefined
}

/** The layout of a table whose rows say no more than that; undefined where each row is to be read by its format. */
export function plainLayout(
  layout: Layout,
  {
    format,
    traits,
    symbol,
    unit,
  }: {
    readonly format: Format
    readonly traits: Traits
    readonly symbol: string | undefined
    readonly unit: TimeUnit | undefined
  },
): PlainLayout | undefined {
  const { time, price, volume, id, line, conditions, side } = layout
  const isByFormat =
    traits.time !== undefined ||
    traits.price !== undefined ||
    traits.leavesOut !== undefined ||
    traits.order !== undefined ||
    (id !== undefined && traits.line === undefined && format.isGeneral !== true)
  if (isByFormat || line !== undefined || conditions !== undefined || side !== undefined) return undefined
  if (unit === undefined || time === undefined || price === undefined || volume === undefined)
    return undefined
  return { symbol, places: { symbol: layout.symbol, time, price, volume, id }, unit, line: traits.line }
}

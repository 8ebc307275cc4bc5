import type { ReadCell, Sample } from '../format.ts'
import type { TimeUnit } from '../times.ts'

/** What a column may be of a bar. */
export type BarRole =
  | 'symbol'
  | 'time'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'volume'
  | 'notional'
  | 'vwap'
  | 'trades'

/** What a format makes of the cells of a bar. */
export type BarTraits = {
  /** Names for the columns of a table that has no header. */
  readonly columns?: readonly string[]
  /** The symbol of all rows, where no column has it. */
  readonly symbol?: string
  /** Minutes of a bar, where the file says it. @default the distance of the first rows */
  readonly minutes?: number
  /** @default found in the first rows */
  readonly unit?: TimeUnit
  /** Gives a time in Unix seconds: a file of one day counts from its midnight. */
  readonly time?: (text: string) => string
  readonly price?: (text: string) => string
  /** Why a row is no bar of a minute; undefined for one. */
  readonly leavesOut?: (cell: ReadCell) => string | undefined
}

/** A layout of files of bars. */
export type BarFormat = {
  /** For `--format`, and the source of its bars. */
  readonly name: string
  /** `bars of Binance`. */
  readonly title: string
  /** Plain names of the columns of each role; the first that the file has is taken. */
  readonly columns: Partial<Readonly<Record<BarRole, readonly string[]>>>
  /** The traits of a table of this format; undefined where it is of another. */
  recognise(sample: Sample): BarTraits | undefined
}

import type { TakerSide, TickLine } from '../tick.ts'
import type { Cell, Table } from './table.ts'
import type { TimeUnit } from './times.ts'

/** What a column may be of a trade. */
export type Role = 'symbol' | 'time' | 'price' | 'volume' | 'id' | 'line' | 'conditions' | 'tape' | 'side'

/** What there is of a table before its rows are read. */
export type Sample = {
  readonly table: Pick<Table, 'name' | 'kind' | 'columns'>
  /** Plain names of the columns; empty where the table names none. */
  readonly names: readonly string[]
  /** Cells of its first rows. */
  readonly rows: readonly (readonly Cell[])[]
  /** Whether the user has named this format, so that less need show it. */
  readonly isNamed: boolean
}

/** Reads a cell of the row at hand by the plain name of its column; undefined where there is no such column. */
export type ReadCell = (name: string) => Cell

/** What a format makes of the cells of a trade, and of a row that is none. */
export type Traits = {
  /** Names for the columns of a table that has no header. */
  readonly columns?: readonly string[]
  /** The symbol of all rows, where no column has it. */
  readonly symbol?: string
  /** @default found in the first rows */
  readonly unit?: TimeUnit
  /** Added to each time, in Unix seconds: a file of one day counts from its midnight. */
  readonly time?: (text: string) => string
  readonly price?: (text: string) => string
  readonly conditions?: (text: string) => string | undefined
  /** Who took the liquidity, by the text of the column side in small letters; undefined where a row does not say. @default `buy` and `sell` as they are */
  readonly side?: (text: string) => TakerSide | undefined
  /** The line that ids count on; without one they only tell equal trades of several files apart. */
  readonly line?: TickLine
  /** Plain name of a column that orders the trades of one moment. @default their place in the file */
  readonly order?: string
  /** Why a row is no trade to be counted; undefined for a trade. */
  readonly leavesOut?: (cell: ReadCell) => string | undefined
}

/** A layout of files of trades. */
export type Format = {
  /** For `--format`. */
  readonly name: string
  /** `trades of Binance`. */
  readonly title: string
  /** Plain names of the columns of each role; the first that the file has is taken. */
  readonly columns: Partial<Readonly<Record<Role, readonly string[]>>>
  /** Whether it takes any table whose columns have usual names. @default false */
  readonly isGeneral?: boolean
  /** The traits of a table of this format; undefined where it is of another. */
  recognise(sample: Sample): Traits | undefined
}

/** True when a sample has columns of all of these plain names. */
export function hasColumns({ names }: Pick<Sample, 'names'>, ...wanted: readonly string[]): boolean {
  return wanted.every((name) => names.includes(name))
}

const NUMBER = /^-?\d+(\.\d+)?$/

/** True for a table without a header whose first rows have so many cells, each of its kind: n number, b true or false, t text. */
export function hasShape({ names, rows }: Pick<Sample, 'names' | 'rows'>, shape: string): boolean {
  if (names.length > 0) return false
  const isOfKind = (cell: Cell = '', kind = ''): boolean =>
    kind === 't' || (kind === 'b' ? /^(true|false)$/i.test(cell) : NUMBER.test(cell))
  // The first row may be the faulty one.
  return rows
    .slice(0, 3)
    .some(
      (cells) => cells.length === shape.length && cells.every((cell, index) => isOfKind(cell, shape[index])),
    )
}

/** A name of a file without its folder and its endings: `BTCUSDT-trades-2025-01-01`. */
export function stemOf(name: string): string {
  return (name.split(/[/\\]/).at(-1) ?? name).replace(
    /(\.(csv|txt|json|ndjson|jsonl|parquet|gz|zst|bz2|zip|dbn))+$/i,
    '',
  )
}

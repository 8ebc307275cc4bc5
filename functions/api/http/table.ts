import { timeText } from './time-text.ts'

/**
 * A cell of a table; null is an empty cell. A decimal is its exact text, a time Unix milliseconds, JSON its text; a time to the
 * nanosecond, which Unix milliseconds do not have, its text in ISO 8601, UTC.
 */
export type Cell = string | number | boolean | null

/** What the cells of a column are. A time is shown to the day, to the second, to the millisecond or to the nanosecond. */
export type ColumnType =
  | 'text'
  | 'json'
  | 'decimal'
  | 'integer'
  | 'boolean'
  | 'day'
  | 'second'
  | 'millisecond'
  | 'nanosecond'

/** The cells of a column, a row after the other. */
export type Column = { readonly name: string; readonly type: ColumnType; readonly cells: readonly Cell[] }

/** Rows, by their columns, which depend on the request alone: those of all pages are the same. */
export type Table = { readonly rows: number; readonly columns: readonly Column[] }

/** What a column has of a row. */
export type ColumnOf<Row> = readonly [name: string, type: ColumnType, cellOf: (row: Row) => Cell]

/** The rows as a table. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly ColumnOf<Row>[]): Table {
  return {
    rows: rows.length,
    columns: columns.map(([name, type, cellOf]) => ({ name, type, cells: cellsOf(rows, cellOf) })),
  }
}

/** As `map` does, in half the time for the many. */
function cellsOf<Row>(rows: readonly Row[], cellOf: (row: Row) => Cell): Cell[] {
  const cells = Array<Cell>(rows.length)
  let index = 0
  for (const row of rows) cells[index++] = cellOf(row)
  return cells
}

/** How a time is written where there is no type for it. */
const TIMES = {
  day: (time: number) => new Date(time).toISOString().slice(0, 10),
  second: (time: number) => timeText(time / 1000),
  millisecond: (time: number) => new Date(time).toISOString(),
}

type TimeType = keyof typeof TIMES

function isTime(type: ColumnType): type is TimeType {
  return Object.hasOwn(TIMES, type)
}

/** A cell as text files have it: a time in ISO 8601, all others as they are. */
export function readable(cell: Cell, type: ColumnType): Cell {
  return typeof cell === 'number' && isTime(type) ? TIMES[type](cell) : cell
}

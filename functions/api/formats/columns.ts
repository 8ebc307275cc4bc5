import { BadRequestError } from '../http/problem.ts'
import { type Column, readable, type Table } from '../http/table.ts'

/** How a table is written. */
export type WriteOptions = {
  /** Decimals as they are, or as text of exact digits. */
  readonly numbers: 'number' | 'string'
  /** Of text that a spreadsheet would run. */
  readonly formulas: 'quoted' | 'raw'
}

/** The columns of a file with types, where decimals may be text. */
export function typedColumns({ columns }: Table, { numbers }: Pick<WriteOptions, 'numbers'>): Column[] {
  return columns.map(({ type, ...column }) => ({
    ...column,
    type: type === 'json' || (type === 'decimal' && numbers === 'string') ? 'text' : type,
  }))
}

/** A decimal that a file with types cannot hold exactly: who asks for it gets it as text. */
export class TooExactError extends BadRequestError {
  /** Which cell it is, and why it does not fit. */
  readonly detail: string

  constructor({ columns }: Table, { name, cells }: Pick<Column, 'name' | 'cells'>, row: number) {
    const key = ['symbol', 't', 'timestamp'].flatMap((each) =>
      columns.flatMap((column) =>
        column.name === each ? [String(readable(column.cells[row] ?? null, column.type))] : [],
      ),
    )
    const detail = `${name} of ${key.join(' at ')} is ${String(cells[row])}, and a decimal column has 38 digits, 18 of them behind the point`
    const allowed = `string, since ${detail}; json, ndjson and csv have all digits too`
    super([{ parameter: 'numbers', value: null, allowed }])
    this.detail = detail
  }
}

import { type Cell, type ColumnType, readable, type Table } from '../http/table.ts'
import { NUMBER_FORMATS, withNumbers } from '../http/numbers.ts'
import type { WriteOptions } from './columns.ts'

/** A table as a JSON object a line, of the values that the JSON of the answer has. */
export function toNdjson({ columns, rows }: Table, { numbers }: WriteOptions): string {
  const members = columns.map(({ name, type, cells }) => {
    const key = `${JSON.stringify(name)}:`
    return cells.map((cell) => key + valueOf(cell, type, numbers))
  })
  const lines = Array.from({ length: rows }, (_, row) => `{${members.map((each) => each[row]).join(',')}}\n`)
  return lines.join('')
}

function valueOf(cell: Cell, type: ColumnType, numbers: WriteOptions['numbers']): string {
  if (cell === null) return 'null'
  // Both are JSON as they are.
  if (type === 'decimal' && numbers === 'number') return String(cell)
  if (type === 'json') return JSON.stringify(withNumbers(String(cell), NUMBER_FORMATS[numbers]))
  return JSON.stringify(readable(cell, type))
}

import type { SchemaElement } from 'hyparquet'

import { MAX_DECIMALS } from '../../domain/decimal.ts'
import { encodeColumns } from '../../shared/parquet/encode-columns.ts'
import { DAY_MS } from '../http/times.ts'
import type { Cell, ColumnType, Table } from '../http/table.ts'
import { TooExactError, typedColumns, type WriteOptions } from './columns.ts'
import { PRECISION, writeDecimal } from './decimal-128.ts'
import { nanosecondsOf } from './nanoseconds.ts'

/**
 * A table as a Parquet file, compressed with zstd.
 *
 * @throws TooExactError for a decimal that 128 bits do not hold
 */
export function toParquet(table: Table, options: WriteOptions): Uint8Array<ArrayBuffer> {
  const columns = typedColumns(table, options)
  const described = columns.map(({ name, type }) => ({
    name,
    ...PARQUET[type],
    repetition_type: 'OPTIONAL' as const,
  }))
  return encodeColumns({
    schema: [{ name: 'rows', num_children: columns.length }, ...described],
    data: columns.map((column) => {
      const { name, type, cells } = column
      if (type !== 'decimal') return { name, data: cells.map((cell) => valueOf(cell, type)) }
      const data = decimalsOf(cells, (row) => new TooExactError(table, column, row))
      // Of the least and the greatest the writer would compare bytes, which is not the order of decimals below zero.
      return { name, data, statistics: false }
    }),
    rowGroup: ROW_GROUP,
  })
}

/** More than an answer has. */
const ROW_GROUP = 100_000

type Described = Omit<SchemaElement, 'name'>

const DECIMAL = { precision: PRECISION, scale: MAX_DECIMALS }
const TEXT: Described = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }
const TIME: Described = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MICROS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
}

const PARQUET: Readonly<Record<ColumnType, Described>> = {
  text: TEXT,
  json: TEXT,
  decimal: {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    converted_type: 'DECIMAL',
    ...DECIMAL,
    logical_type: { type: 'DECIMAL', ...DECIMAL },
  },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  day: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  second: TIME,
  millisecond: TIME,
  // Of a time with a zone DuckDB would leave out what is less than a microsecond.
  nanosecond: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' } },
}

function valueOf(cell: Cell, type: Exclude<ColumnType, 'decimal'>): unknown {
  if (cell === null) return undefined
  switch (type) {
    case 'integer':
      return BigInt(cell)
    case 'second':
    case 'millisecond':
      return BigInt(Number(cell) * 1000)
    case 'nanosecond':
      return nanosecondsOf(String(cell))
    case 'day':
      return Number(cell) / DAY_MS
    case 'boolean':
    case 'text':
    case 'json':
    default:
      return cell
  }
}

/** Decimals as Parquet has them, the highest byte first. */
function decimalsOf(cells: readonly Cell[], tooExact: (row: number) => Error): (Uint8Array | undefined)[] {
  const bytes = new DataView(new ArrayBuffer(16 * cells.length))
  const words = new Uint32Array(4)
  return cells.map((cell, row) => {
    if (cell === null) return undefined
    if (!writeDecimal(words, 0, String(cell))) throw tooExact(row)
    words.forEach((word, index) => bytes.setUint32(16 * row + 12 - 4 * index, word))
    return new Uint8Array(bytes.buffer, 16 * row, 16)
  })
}

import {
  Bool,
  type Data,
  DateDay,
  Decimal,
  Field,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow'

import { MAX_DECIMALS } from '../../domain/decimal.ts'
import { DAY_MS } from '../http/times.ts'
import type { Cell, Column, Table } from '../http/table.ts'
import { TooExactError, typedColumns, type WriteOptions } from './columns.ts'
import { PRECISION, writeDecimal } from './decimal-128.ts'
import { nanosecondsOf } from './nanoseconds.ts'

const WORD = 2 ** 32

/**
 * A table as an IPC stream of Arrow, of one batch.
 *
 * @throws TooExactError for a decimal that 128 bits do not hold
 */
export function toArrow(table: Table, options: WriteOptions): Uint8Array<ArrayBuffer> {
  const columns = typedColumns(table, options)
  const decimals = decimalsOf(
    columns.filter(({ type }) => type === 'decimal'),
    (column, row) => new TooExactError(table, column, row),
  )
  const children = columns.map((column) => dataOf(column, decimals.get(column)))
  const schema = new Schema(
    columns.map(({ name }, index) => new Field(name, children[index]?.type ?? new Utf8(), true)),
  )
  const struct = makeData({ type: new Struct(schema.fields), length: table.rows, children })
  const batch = new RecordBatch(schema, struct)
  const written = new RecordBatchStreamWriter().writeAll([batch]).finish().toUint8Array(true)
  const { buffer, byteOffset, byteLength } = written
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(written)
}

function dataOf({ cells, type }: Column, decimals: Uint32Array | undefined): Data {
  const { length } = cells
  const shared = { length, ...validityOf(cells) }
  switch (type) {
    case 'decimal':
      return makeData({ ...shared, type: new Decimal(MAX_DECIMALS, PRECISION, 128), data: decimals })
    case 'integer':
      return makeData({ ...shared, type: new Int64(), data: integersOf(cells, 1) })
    case 'second':
    case 'millisecond':
      return makeData({ ...shared, type: new TimestampMicrosecond('UTC'), data: integersOf(cells, 1000) })
    case 'nanosecond': {
      const data = BigInt64Array.from(cells, (cell) => (cell === null ? 0n : nanosecondsOf(String(cell))))
      return makeData({ ...shared, type: new TimestampNanosecond('UTC'), data })
    }
    case 'day':
      return makeData({
        ...shared,
        type: new DateDay(),
        data: Int32Array.from(cells, (cell) => Number(cell) / DAY_MS),
      })
    case 'boolean':
      return makeData({ ...shared, type: new Bool(), data: bitsOf(cells, (cell) => cell === true) })
    case 'text':
    case 'json':
    default:
      return makeData({ ...shared, type: new Utf8(), ...textsOf(cells) })
  }
}

/** A bit for each cell that is there; none where all are. */
function validityOf(cells: readonly Cell[]) {
  let nullCount = 0
  for (let row = 0; row < cells.length; row++) if (cells[row] === null) nullCount++
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: bitsOf(cells, (cell) => cell !== null) }
}

function bitsOf(cells: readonly Cell[], isSet: (cell: Cell | undefined) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(cells.length / 8))
  for (let row = 0; row < cells.length; row++)
    if (isSet(cells[row])) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
  return bits
}

/** The words of columns of decimals, a row after the other: the texts of a row are side by side in memory. */
function decimalsOf(
  columns: readonly Column[],
  tooExact: (column: Column, row: number) => Error,
): ReadonlyMap<Column, Uint32Array> {
  const written = columns.map((column) => ({ column, words: new Uint32Array(4 * column.cells.length) }))
  const rows = columns[0]?.cells.length ?? 0
  for (let row = 0; row < rows; row++)
    for (const { column, words } of written) {
      const cell = column.cells[row]
      if (typeof cell === 'string' && !writeDecimal(words, 4 * row, cell)) throw tooExact(column, row)
    }
  return new Map(written.map(({ column, words }) => [column, words]))
}

/** Integers of 64 bits, the lower word first. */
function integersOf(cells: readonly Cell[], factor: number): BigInt64Array {
  const words = new Uint32Array(2 * cells.length)
  for (let row = 0; row < cells.length; row++) {
    const value = Number(cells[row]) * factor
    words[2 * row] = value
    words[2 * row + 1] = Math.floor(value / WORD)
  }
  return new BigInt64Array(words.buffer)
}

function textsOf(cells: readonly Cell[]) {
  const [first = null] = cells
  if (isEach(cells, first)) return repeated(first, cells.length)
  const texts = cells.map((cell) => (cell === null ? '' : String(cell)))
  const whole = texts.join('')
  const data = Buffer.from(whole)
  // As many bytes as characters: each is one byte.
  const isPlain = data.length === whole.length
  const valueOffsets = new Int32Array(texts.length + 1)
  for (const [row, text] of texts.entries())
    valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + (isPlain ? text.length : Buffer.byteLength(text))
  return { data, valueOffsets }
}

function isEach(cells: readonly Cell[], one: Cell): boolean {
  for (let row = 0; row < cells.length; row++) if (cells[row] !== one) return false
  return true
}

function repeated(cell: Cell, count: number) {
  const text = cell === null ? '' : String(cell)
  const length = Buffer.byteLength(text)
  const valueOffsets = new Int32Array(count + 1)
  for (let row = 0; row <= count; row++) valueOffsets[row] = row * length
  return { data: Buffer.from(text.repeat(count)), valueOffsets }
}

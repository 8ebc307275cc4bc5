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
  const children = columns.map((column) => dataOf(column, (row) => new TooExactError(table, column, row)))
  const schema = new Schema(
    columns.map(({ name }, index) => new Field(name, children[index]?.type ?? new Utf8(), true)),
  )
  const struct = makeData({ type: new Struct(schema.fields), length: table.rows, children })
  const written = new RecordBatchStreamWriter().writeAll([new RecordBatch(schema, struct)]).finish()
  return new Uint8Array(written.toUint8Array(true))
}

function dataOf({ cells, type }: Column, tooExact: (row: number) => Error): Data {
  const { length } = cells
  const shared = { length, ...validityOf(cells) }
  switch (type) {
    case 'decimal': {
      const data = decimalsOf(cells, tooExact)
      return makeData({ ...shared, type: new Decimal(MAX_DECIMALS, PRECISION, 128), data })
    }
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

function decimalsOf(cells: readonly Cell[], tooExact: (row: number) => Error): Uint32Array {
  const words = new Uint32Array(4 * cells.length)
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]
    if (typeof cell === 'string' && !writeDecimal(words, 4 * row, cell)) throw tooExact(row)
  }
  return words
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

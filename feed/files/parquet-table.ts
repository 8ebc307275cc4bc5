import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet'

import { decoded } from '../../functions/shared/parquet/coded.ts'
import { findWholeColumn, readWholeColumn } from '../../functions/shared/parquet/whole-column.ts'
import { compressors } from './compressors.ts'
import { decimalScale, groupsOf } from './parquet-columns.ts'
import { type Cell, type Row, SECONDS, type Table } from './table.ts'

/** Rows that are decoded together. */
const ROWS_AT_ONCE = 50_000
/** Of these the first batch, by which a table is recognised: who reads the columns themselves wants no more of them. */
const FIRST_ROWS = 1000

/** Reads a Parquet file, a batch of rows at a time. Numbers keep all their digits, times their nanoseconds. */
export async function readParquet(name: string, file: AsyncBuffer): Promise<Table> {
  const metadata = await parquetMetadataAsync(file)
  const top = topColumns(metadata)
  const scales = new Map(top.map((element) => [element.name, decimalScale(element)]))
  return {
    name,
    kind: 'Parquet',
    columns: top.map((element) => element.name),
    batches: batchesOf(file, plainDecimals(metadata), scales),
    columnGroups: (places) => {
      const reading = { file, metadata: plainDecimals(metadata), scales }
      return groupsOf({ file, metadata, top, readRows: (range) => rowsOf(reading, range) }, places)
    },
  }
}

function topColumns({ schema }: FileMetaData): SchemaElement[] {
  const found: SchemaElement[] = []
  let skipped = 0
  for (const element of schema.slice(1)) {
    if (skipped > 0) skipped--
    else found.push(element)
    skipped += element.num_children ?? 0
  }
  return found
}

/** hyparquet makes doubles of decimals: without the type it gives the whole numbers that they are made of. */
function plainDecimals(metadata: FileMetaData): FileMetaData {
  return {
    ...metadata,
    schema: metadata.schema.map((element) => {
      if (decimalScale(element) === undefined) return element
      const { converted_type: _converted, logical_type: _logical, ...plain } = element
      return plain
    }),
  }
}

const parsers = {
  timestampFromMilliseconds: (value: bigint) => secondsText(value, 3),
  timestampFromMicroseconds: (value: bigint) => secondsText(value, 6),
  timestampFromNanoseconds: (value: bigint) => secondsText(value, 9),
}

/** Unix seconds with a unit that tells them from plain numbers. */
function secondsText(value: bigint, decimals: number): string {
  return `${decimalText(value, decimals)}${SECONDS}`
}

async function* batchesOf(
  file: AsyncBuffer,
  metadata: FileMetaData,
  scales: ReadonlyMap<string, number | undefined>,
): AsyncGenerator<readonly Row[], void, undefined> {
  const total = Number(metadata.num_rows)
  let start = 0
  while (start < total) {
    const end = Math.min(start + (start === 0 ? FIRST_ROWS : ROWS_AT_ONCE), total)
    const reading = { file, metadata, scales }
    yield (start === 0 ? await firstRows(reading, end) : undefined) ?? (await rowsOf(reading, { start, end }))
    start = end
  }
}

type Reading = {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly scales: ReadonlyMap<string, number | undefined>
}

async function rowsOf(
  { file, metadata, scales }: Reading,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<readonly Row[]> {
  const columns = [...scales.keys()]
  const rows = await parquetReadObjects({
    file,
    metadata,
    compressors,
    parsers,
    utf8: false,
    rowStart: start,
    rowEnd: end,
  })
  return rows.map((row, index) =>
    rowAt(
      start + index,
      columns.map((column) => cellOf(row[column], scales.get(column))),
    ),
  )
}

/** The same of the first rows; hyparquet decodes all of a page. Undefined where a column is not read so. */
async function firstRows(
  { file, metadata, scales }: Reading,
  end: number,
): Promise<readonly Row[] | undefined> {
  const [group] = metadata.row_groups
  if (group === undefined || Number(group.num_rows) < end) return undefined
  const columns: (readonly Cell[])[] = []
  for (const [name, scale] of scales) {
    const column = findWholeColumn(metadata, group, name)
    const values =
      column &&
      readWholeColumn(await file.slice(column.start, column.end), column, {
        compressors,
        parsers,
        limit: end,
      })
    if (values === undefined) return undefined
    columns.push(Array.from<unknown, Cell>(decoded(values), (value) => cellOf(value, scale)))
  }
  return Array.from({ length: end }, (_, index) =>
    rowAt(
      index,
      columns.map((cells) => cells[index]),
    ),
  )
}

function rowAt(index: number, cells: readonly Cell[]): Row {
  return { place: index + 1, cells, text: cells.map((cell) => cell ?? '').join(',') }
}

function cellOf(value: unknown, scale: number | undefined): Cell {
  if (value === null || value === undefined) return undefined
  if (scale !== undefined && (typeof value === 'number' || typeof value === 'bigint'))
    return decimalText(BigInt(value), scale)
  if (value instanceof Uint8Array)
    return scale === undefined ? Buffer.from(value).toString('utf8') : decimalText(signed(value), scale)
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner))
}

/** Big-endian, two's complement. */
function signed(bytes: Uint8Array): bigint {
  return bytes.length === 0
    ? 0n
    : BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

/** A whole number of units of `10^-scale`. */
function decimalText(units: bigint, scale: number): string {
  if (scale <= 0) return String(units * 10n ** BigInt(-scale))
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

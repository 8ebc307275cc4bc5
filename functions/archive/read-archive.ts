import { zstdDecompressSync } from 'node:zlib'

import {
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetMetadata,
  parquetRead,
} from 'hyparquet'

import { type ArchiveColumns, type Column, ColumnReader, type LeanColumns } from './archive-columns.ts'
import type { Coded } from '../shared/parquet/coded.ts'
import { findWholeColumn, readWholeColumn } from '../shared/parquet/whole-column.ts'
import { ARCHIVE_COLUMNS, isConverted, LATER_COLUMNS } from './schema.ts'

type RowGroup = FileMetaData['row_groups'][number]

const NAMES: readonly string[] = ARCHIVE_COLUMNS.map(({ name }) => name)

/** An object is not one of the archive. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

type Wanted = {
  /** Symbols that are wanted; others may come along. @default all */
  readonly symbols?: ReadonlySet<string>
}

/**
 * The trades of an object of the archive, in its order: a row group each, without those that hold none of the symbols.
 *
 * @throws ArchiveError when it is damaged or something else; the message says what
 */
export async function readArchive(
  bytes: Uint8Array,
  wanted: Wanted = {},
): Promise<readonly ArchiveColumns[]> {
  const reader = new ColumnReader()
  return await readGroups(bytes, wanted, {
    columns: () => NAMES,
    read: (given, count) => reader.whole(given, count),
  })
}

/**
 * The same, without sequence numbers where nearly each row has one of its own.
 *
 * @throws ArchiveError when it is damaged or something else; the message says what
 */
export async function readLeanArchive(
  bytes: Uint8Array,
  wanted: Wanted = {},
): Promise<readonly LeanColumns[]> {
  const reader = new ColumnReader()
  return await readGroups(bytes, wanted, {
    columns: leanNames,
    read: (given, count) => reader.lean(given, count),
  })
}

type Reading<Columns> = {
  /** Names of the columns that are read. */
  readonly columns: (group: RowGroup) => readonly string[]
  readonly read: (given: ReadonlyMap<string, Column>, count: number) => Columns
}

async function readGroups<Columns>(
  bytes: Uint8Array,
  { symbols }: Wanted,
  { columns, read }: Reading<Columns>,
): Promise<readonly Columns[]> {
  return await opened(bytes, async (buffer, metadata) => {
    const groups: Columns[] = []
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      if (symbols === undefined || mayHold(group, symbols)) {
        const names = columns(group).filter((name) => chunkOf(group, name) !== undefined)
        const constant = constantsOf(group, names)
        const others = names.filter((name) => !constant.has(name))
        const whole = wholeColumns(buffer, metadata, { group, names: others })
        const rest = others.filter((name) => !whole.has(name))
        const values = await readColumns(buffer, metadata, { rowStart, rowEnd, names: rest })
        groups.push(read(new Map([...constant, ...whole, ...values]), rowEnd - rowStart))
      }
      rowStart = rowEnd
    }
    return groups
  })
}

/** All but sequence numbers of which a dictionary would have been longer than they are. */
function leanNames(group: RowGroup): readonly string[] {
  const hasDictionary = chunkOf(group, 'sequence_number')?.dictionary_page_offset !== undefined
  return hasDictionary ? NAMES : NAMES.filter((name) => name !== 'sequence_number')
}

/** Columns of a row group in which all rows have one value, or none, by what the object says of them. */
function constantsOf(group: RowGroup, names: readonly string[]): ReadonlyMap<string, Column> {
  const constant = new Map<string, Column>()
  for (const name of names) {
    const { num_values: count = 0n, statistics: { null_count: nulls, ...of } = {} } =
      chunkOf(group, name) ?? {}
    if (count > 0n && nulls === count) constant.set(name, { each: undefined })
    else if (
      nulls === 0n &&
      isPlain(of.min_value) &&
      of.min_value === of.max_value &&
      of.is_max_value_exact === true
    )
      constant.set(name, { each: of.min_value })
  }
  return constant
}

/** Other bounds are not spelled as their values are. */
function isPlain(bound: unknown): boolean {
  return typeof bound === 'string' || typeof bound === 'boolean'
}

function chunkOf({ columns }: RowGroup, name: string) {
  return columns.find(({ meta_data: chunk }) => chunk?.path_in_schema.join('.') === name)?.meta_data
}

/**
 * The symbols of the trades of an object of the archive.
 *
 * @throws ArchiveError when it is damaged or something else; the message says what
 */
export async function readSymbols(bytes: Uint8Array): Promise<ReadonlySet<string>> {
  return await opened(bytes, async (buffer, metadata) => {
    const rows = { rowStart: 0, rowEnd: Number(metadata.num_rows), names: ['symbol'] }
    const column = (await readColumns(buffer, metadata, rows)).get('symbol') ?? []
    return new Set([...column].filter((symbol) => typeof symbol === 'string'))
  })
}

async function opened<Result>(
  bytes: Uint8Array,
  read: (buffer: ArrayBuffer, metadata: FileMetaData) => Promise<Result>,
): Promise<Result> {
  try {
    const buffer = Uint8Array.from(bytes).buffer
    return await read(buffer, plainMetadata(parquetMetadata(buffer)))
  } catch (error) {
    if (error instanceof ArchiveError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new ArchiveError(`no Parquet object of the archive: ${message}`, { cause: error })
  }
}

/** Without the types that would be converted to doubles and dates: their values are read as they lie there. */
function plainMetadata(metadata: FileMetaData): FileMetaData {
  const names = metadata.schema.slice(1).map(({ name }) => name)
  const missing = ARCHIVE_COLUMNS.find(({ name }) => !names.includes(name) && !LATER_COLUMNS.includes(name))
  if (missing !== undefined)
    throw new ArchiveError(`the column ${missing.name} is missing; there are ${names.join(', ')}`)
  const schema = metadata.schema.map((element) => {
    if (!isConverted(element)) return element
    const { converted_type: _converted, logical_type: _logical, ...plain } = element
    return plain
  })
  return { ...metadata, schema }
}

/** Whether a row group may hold one of some symbols, by the smallest and the largest that it has. */
function mayHold(group: RowGroup, symbols: ReadonlySet<string>): boolean {
  const { min_value: min, max_value: max } = chunkOf(group, 'symbol')?.statistics ?? {}
  if (typeof min !== 'string' || typeof max !== 'string') return true
  const [first, last] = [Buffer.from(min), Buffer.from(max)]
  return [...symbols].some((symbol) => {
    const bytes = Buffer.from(symbol)
    return Buffer.compare(first, bytes) <= 0 && Buffer.compare(bytes, last) <= 0
  })
}

const compressors: Compressors = { ZSTD: (input) => zstdDecompressSync(input) }

/** The columns that have a value in each row. */
function wholeColumns(
  buffer: ArrayBuffer,
  metadata: FileMetaData,
  { group, names }: { readonly group: RowGroup; readonly names: readonly string[] },
): ReadonlyMap<string, DecodedArray | Coded> {
  const columns = new Map<string, DecodedArray | Coded>()
  for (const name of names) {
    const column = findWholeColumn(metadata, group, name)
    const values = column && readWholeColumn(buffer.slice(column.start, column.end), column, { compressors })
    if (values !== undefined) columns.set(name, values)
  }
  return columns
}

async function readColumns(
  buffer: ArrayBuffer,
  metadata: FileMetaData,
  { names, ...rows }: { readonly rowStart: number; readonly rowEnd: number; readonly names: string[] },
): Promise<ReadonlyMap<string, DecodedArray>> {
  const columns = new Map<string, DecodedArray>()
  if (names.length === 0) return columns
  await parquetRead({
    file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
    metadata,
    ...rows,
    columns: names,
    utf8: false,
    compressors,
    onChunk: ({ columnName, columnData }) => {
      const before = columns.get(columnName)
      // A page is a chunk; nearly every column of a group has one.
      columns.set(columnName, before === undefined ? columnData : [...before, ...columnData])
    },
  })
  return columns
}

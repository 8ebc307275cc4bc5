import { zstdDecompressSync } from 'node:zlib'

import { type DecodedArray, type FileMetaData, parquetMetadata, parquetRead } from 'hyparquet'

import { type ArchiveColumns, columnsOf } from './archive-columns.ts'
import { ARCHIVE_COLUMNS, isConverted } from './schema.ts'

const NAMES = ARCHIVE_COLUMNS.map(({ name }) => name)

/** An object is not one of the archive. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/**
 * The trades of an object of the archive, in its order: a row group each, without those that hold none of the symbols.
 *
 * @param options.symbols those that are wanted; others may come along. @default all
 * @throws ArchiveError when it is damaged or something else; the message says what
 */
export async function readArchive(
  bytes: Uint8Array,
  options: { readonly symbols?: ReadonlySet<string> } = {},
): Promise<readonly ArchiveColumns[]> {
  const { symbols } = options
  return await opened(bytes, async (buffer, metadata) => {
    const groups: ArchiveColumns[] = []
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      if (symbols === undefined || mayHold(group, symbols)) {
        const columns = await readColumns(buffer, metadata, { rowStart, rowEnd, names: NAMES })
        groups.push(columnsOf(columns, rowEnd - rowStart))
      }
      rowStart = rowEnd
    }
    return groups
  })
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
  const missing = ARCHIVE_COLUMNS.find(({ name }) => !names.includes(name))
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
function mayHold({ columns }: FileMetaData['row_groups'][number], symbols: ReadonlySet<string>): boolean {
  const ofSymbol = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === 'symbol')
  const { min_value: min, max_value: max } = ofSymbol?.meta_data?.statistics ?? {}
  if (typeof min !== 'string' || typeof max !== 'string') return true
  const [first, last] = [Buffer.from(min), Buffer.from(max)]
  return [...symbols].some((symbol) => {
    const bytes = Buffer.from(symbol)
    return Buffer.compare(first, bytes) <= 0 && Buffer.compare(bytes, last) <= 0
  })
}

async function readColumns(
  buffer: ArrayBuffer,
  metadata: FileMetaData,
  { names, ...rows }: { readonly rowStart: number; readonly rowEnd: number; readonly names: string[] },
): Promise<ReadonlyMap<string, DecodedArray>> {
  const columns = new Map<string, DecodedArray>()
  await parquetRead({
    file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
    metadata,
    ...rows,
    columns: names,
    utf8: false,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    onChunk: ({ columnName, columnData }) => {
      const before = columns.get(columnName)
      // A page is a chunk; nearly every column of a group has one.
      columns.set(columnName, before === undefined ? columnData : [...before, ...columnData])
    },
  })
  return columns
}

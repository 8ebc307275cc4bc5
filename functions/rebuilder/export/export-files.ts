import { barTable } from '../../api/bars/bar-view.ts'
import type { BarRow } from '../../api/bars/bar-row.ts'
import type { WriteOptions } from '../../api/formats/columns.ts'
import { FORMATS } from '../../api/formats/formats.ts'
import type { Table } from '../../api/http/table.ts'
import type { ExportFormat } from './export-task.ts'

/** Rows that are written at a time: a batch of Arrow, a row group of Parquet. */
export const CHUNK_ROWS = 50_000

/**
 * Writes a file chunk by chunk. It keeps nothing between two chunks, so that any process may go on: what the end of the file
 * has to say of a chunk is its `note`.
 */
export type ChunkedFile<Row = BarRow> = {
  /** The bytes before the first chunk. */
  begin(): Promise<Buffer>
  /** The bytes of so many rows. */
  chunk(rows: readonly Row[]): Promise<{ readonly bytes: Buffer; readonly note?: string }>
  /** The bytes behind the last chunk. */
  end(chunks: readonly Noted[]): Promise<Buffer>
}

/** A chunk that was written: where it begins in the file, and its note. */
type Noted = { readonly at: number; readonly note: string }

/** The file in which bars are exported, of the very columns and cells that the API's file of bars has. */
export function chunkedBars(format: ExportFormat, numbers: WriteOptions['numbers']): ChunkedFile {
  return chunkedFile(format, { tableOf: barTable, numbers, formulas: 'quoted' })
}

/**
 * A file of rows, in a format of the API.
 *
 * @param options.tableOf rows as a table, whose columns are the same for all
 * @throws TooExactError from `chunk` for a decimal that a file with types cannot hold exactly
 */
export function chunkedFile<Row>(
  format: ExportFormat,
  { tableOf, ...options }: WriteOptions & { readonly tableOf: (rows: readonly Row[]) => Table },
): ChunkedFile<Row> {
  const write: Write<Row> = async (rows) => Buffer.from(await FORMATS[format].write(tableOf(rows), options))
  switch (format) {
    case 'csv':
    case 'ndjson':
      return textFile(write)
    case 'arrow':
      return arrowFile(write)
    case 'parquet':
      return parquetFile(write)
    default:
      return format satisfies never
  }
}

type Write<Row> = (rows: readonly Row[]) => Promise<Buffer>

const NOTHING = Buffer.alloc(0)

/** Of lines, behind those that a file without rows has. */
function textFile<Row>(write: Write<Row>): ChunkedFile<Row> {
  return {
    begin: () => write([]),
    chunk: async (rows) => ({ bytes: (await write(rows)).subarray((await write([])).length) }),
    end: async () => NOTHING,
  }
}

/** The mark that ends a stream of Arrow: a message of length 0. */
const END_OF_STREAM = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

/** Each chunk is a stream of a schema, a batch and the end; the file has the schema and the end once. */
function arrowFile<Row>(write: Write<Row>): ChunkedFile<Row> {
  return {
    begin: async () => {
      const whole = await write([])
      return whole.subarray(0, schemaLength(whole))
    },
    chunk: async (rows) => {
      const whole = await write(rows)
      return { bytes: whole.subarray(schemaLength(whole), whole.length - END_OF_STREAM.length) }
    },
    end: async () => END_OF_STREAM,
  }
}

/** The first message is the schema, which has no body: a mark, the length, and so many bytes. */
function schemaLength(stream: Buffer): number {
  return 8 + stream.readInt32LE(4)
}

/** Each chunk is a file of one row group, which the footer of the whole has at its place. */
function parquetFile<Row>(write: Write<Row>): ChunkedFile<Row> {
  return {
    begin: async () => Buffer.from('PAR1'),
    chunk: async (rows) => {
      const { rowGroupOf } = await import('./parquet-groups.ts')
      const { bytes, footer } = rowGroupOf(await write(rows))
      return { bytes, note: footer.toString('base64') }
    },
    end: async (chunks) => {
      const { footerOf } = await import('./parquet-groups.ts')
      const groups = chunks.map(({ at, note }) => ({ at, footer: Buffer.from(note, 'base64') }))
      return footerOf(groups, await write([]))
    },
  }
}

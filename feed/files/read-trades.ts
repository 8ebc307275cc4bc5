import { stat } from 'node:fs/promises'

import { TradeFileError } from '../errors.ts'
import type { ColumnsOption } from './columns.ts'
import { type Compression, compressionOf, type Content, decompressed, fileChunks, peek } from './content.ts'
import { explained, unopenable } from './file-faults.ts'
import { openTable, refuseMisnamed } from './open-table.ts'
import { recognise } from './recognise.ts'
import { type BadRow, type Cell, isBadRow, type Row, type Table } from './table.ts'
import type { TradeRow } from './row-reader.ts'
import { createReading, type Reading } from './trade-reader.ts'
import { zipEntries } from './zip-entries.ts'

/** Progress in bytes of the file on disk. */
export type ReadProgress = { readonly bytesRead: number; readonly totalBytes: number }

export type ReadOptions = {
  /** Name of a format. @default recognised by header and content */
  readonly format?: string | undefined
  readonly columns?: ColumnsOption | undefined
  /** The symbol of files that do not say it. */
  readonly symbol?: string | undefined
  /** IANA name of the zone of times that name none. */
  readonly timezone?: string | undefined
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined
}

/** A file of trades, or an entry of an archive, as it is understood. */
export type TradeTable = Pick<Table, 'kind'> &
  Pick<Reading, 'format' | 'unit' | 'used' | 'unused' | 'symbol'> & {
    /** `trades.zip: BTCUSDT-trades-2025-01-01.csv`. */
    readonly label: string
    readonly compression: readonly (Compression | 'zip')[]
  }

/** Rows of one table, in order. The first batch of a table may be empty. */
export type TradeBatch = { readonly table: TradeTable; readonly rows: readonly TradeRow[] }

/**
 * Reads trades from a file of any format in `formats/`, in memory that does not grow with it.
 *
 * @throws TradeFileError when the file is missing, unreadable, damaged, or none of trades
 */
export async function* readTrades(
  file: string,
  options: ReadOptions = {},
): AsyncGenerator<TradeBatch, void, undefined> {
  const found = await stat(file).catch((error: unknown) => {
    throw unopenable(file, error)
  })
  if (!found.isFile())
    throw new TradeFileError(
      'not-a-file',
      `${file} is ${found.isDirectory() ? 'a directory' : 'no regular file'}: name the files in it.`,
      { file },
    )
  if (found.size === 0) throw empty(file)
  const context = { file, options, totalBytes: found.size }
  const content = await peek(file, fileChunks(file, progressOf(context)))
  if (Buffer.from(content.head.subarray(0, 4)).toString('hex') === '504b0304')
    yield* readZip(content, context)
  else yield* readContent(content, { label: file, compression: [], context })
}

type Context = { readonly file: string; readonly options: ReadOptions; readonly totalBytes: number }
type Place = {
  readonly label: string
  readonly compression: readonly (Compression | 'zip')[]
  readonly context: Context
}

function progressOf({ options, totalBytes }: Context): (bytesRead: number) => void {
  let reported = 0
  return (bytesRead) => {
    if (bytesRead === reported) return
    reported = bytesRead
    options.onProgress?.({ bytesRead, totalBytes })
  }
}

async function* readZip(content: Content, context: Context): AsyncGenerator<TradeBatch, void, undefined> {
  const { file } = context
  await content.chunks[Symbol.asyncIterator]().return?.()
  const archive = await zipEntries(file).catch((error: unknown) => {
    throw explained(error, { label: file, compression: 'zip' })
  })
  try {
    if (archive.entries.length === 0)
      throw new TradeFileError('empty', `${file} is a zip archive without files.`, { file })
    if (archive.entries.some(({ name }) => name === '[Content_Types].xml'))
      throw new TradeFileError('unknown-format', `${file} is an Excel file: save it as CSV.`, { file })
    let done = 0
    for (const entry of archive.entries) {
      const label = `${file}: ${entry.name}`
      const chunks = await entry.open().catch((error: unknown) => {
        throw explained(error, { label, compression: 'zip' })
      })
      yield* readContent(await peekAt(entry.name, chunks, { label, compression: 'zip' }), {
        label,
        compression: ['zip'],
        context,
      })
      done += entry.compressedBytes
      context.options.onProgress?.({
        bytesRead: Math.min(done, context.totalBytes),
        totalBytes: context.totalBytes,
      })
    }
    context.options.onProgress?.({ bytesRead: context.totalBytes, totalBytes: context.totalBytes })
  } finally {
    archive.close()
  }
}

async function* readContent(content: Content, place: Place): AsyncGenerator<TradeBatch, void, undefined> {
  const compression = compressionOf(content.head)
  if (compression !== undefined) {
    const inner = await peekAt(content.name, decompressed(compression, content.chunks), {
      ...place,
      compression,
    })
    yield* readContent(inner, { ...place, compression: [...place.compression, compression] })
    return
  }
  const packed = place.compression.filter((each) => each !== 'zip')
  if (packed.length === 0) refuseMisnamed(place.label, content)
  if (content.head.length === 0) throw empty(place.label)
  const at = { label: place.label, compression: place.compression.at(-1) }
  let line: number | undefined
  try {
    const file = place.compression.length === 0 ? place.context.file : undefined
    const table = await openTable(content, { label: place.label, file })
    if (table === undefined) throw empty(place.label)
    for await (const batch of readTable(table, place)) {
      line = batch.rows.at(-1)?.place ?? line
      yield batch
    }
  } catch (error) {
    throw explained(error, { ...at, line })
  }
}

async function peekAt(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  at: { readonly label: string; readonly compression: Compression | 'zip' },
): Promise<Content> {
  try {
    return await peek(name, chunks)
  } catch (error) {
    throw explained(error, at)
  }
}

/** Rows by which a table is recognised. */
const SAMPLE_ROWS = 1000

async function* readTable(
  table: Table,
  { label, compression, context }: Place,
): AsyncGenerator<TradeBatch, void, undefined> {
  const { options } = context
  const batches = table.batches[Symbol.asyncIterator]()
  const begun: (readonly (Row | BadRow)[])[] = []
  const sample: (readonly Cell[])[] = []
  while (sample.length === 0) {
    const next = await batches.next()
    if (next.done === true) break
    begun.push(next.value)
    for (const row of next.value.slice(0, SAMPLE_ROWS)) if (!isBadRow(row)) sample.push(row.cells)
  }
  const { format, traits } = recognise(
    label,
    { table, rows: sample },
    { name: options.format, columns: options.columns },
  )
  const reading = createReading(
    label,
    { table, sample },
    {
      format,
      traits,
      options: { symbol: options.symbol, columns: options.columns, timezone: options.timezone },
    },
  )
  const { unit, used, unused, symbol } = reading
  const of: TradeTable = { kind: table.kind, format, unit, used, unused, symbol, label, compression }
  try {
    for (const rows of begun) yield { table: of, rows: reading.read(rows) }
    for (let next = await batches.next(); next.done !== true; next = await batches.next())
      yield { table: of, rows: reading.read(next.value) }
  } finally {
    await batches.return?.()
  }
}

function empty(file: string): TradeFileError {
  return new TradeFileError('empty', `${file} is empty: it has no trades, nor the names of columns.`, {
    file,
  })
}

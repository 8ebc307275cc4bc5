import { stat } from 'node:fs/promises'

import { TradeFileError } from '../errors.ts'
import { type Compression, compressionOf, type Content, decompressed, fileChunks, peek } from './content.ts'
import { explained, unopenable } from './file-faults.ts'
import { openTable, refuseMisnamed } from './open-table.ts'
import type { Table } from './table.ts'
import { zipEntries } from './zip-entries.ts'

/** Progress in bytes of the file on disk. */
export type ReadProgress = { readonly bytesRead: number; readonly totalBytes: number }
type OnProgress = (progress: ReadProgress) => void

/** Rows of a table, as whoever reads it understands them. */
type AnyBatch = { readonly rows: readonly { readonly place: number }[] }
type ReadTable<Batch> = (table: Table, place: Place) => AsyncGenerator<Batch, void, undefined>

/**
 * Reads the tables of a file, whatever it is and however it is packed, in memory that does not grow with it.
 *
 * @throws TradeFileError when the file is missing, unreadable, damaged, or no table; and what `readTable` throws
 */
export async function* readFile<Batch extends AnyBatch>(
  file: string,
  {
    readTable,
    onProgress,
  }: { readonly readTable: ReadTable<Batch>; readonly onProgress: OnProgress | undefined },
): AsyncGenerator<Batch, void, undefined> {
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
  const context = { file, onProgress, totalBytes: found.size, readTable }
  const content = await peek(file, fileChunks(file, progressOf(context)))
  if (Buffer.from(content.head.subarray(0, 4)).toString('hex') === '504b0304')
    yield* readZip(content, context)
  else yield* readContent(content, { label: file, compression: [], context })
}

type Context<Batch> = {
  readonly file: string
  readonly onProgress: OnProgress | undefined
  readonly totalBytes: number
  readonly readTable: ReadTable<Batch>
}

/** A table of a file, or of an entry of an archive. */
export type Place = {
  /** `trades.zip: BTCUSDT-trades-2025-01-01.csv`. */
  readonly label: string
  readonly compression: readonly (Compression | 'zip')[]
}

function progressOf({ onProgress, totalBytes }: Context<unknown>): (bytesRead: number) => void {
  let reported = 0
  return (bytesRead) => {
    if (bytesRead === reported) return
    reported = bytesRead
    onProgress?.({ bytesRead, totalBytes })
  }
}

async function* readZip<Batch extends AnyBatch>(
  content: Content,
  context: Context<Batch>,
): AsyncGenerator<Batch, void, undefined> {
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
      context.onProgress?.({
        bytesRead: Math.min(done, context.totalBytes),
        totalBytes: context.totalBytes,
      })
    }
    context.onProgress?.({ bytesRead: context.totalBytes, totalBytes: context.totalBytes })
  } finally {
    archive.close()
  }
}

async function* readContent<Batch extends AnyBatch>(
  content: Content,
  place: Place & { readonly context: Context<Batch> },
): AsyncGenerator<Batch, void, undefined> {
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
    for await (const batch of place.context.readTable(table, place)) {
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

function empty(file: string): TradeFileError {
  return new TradeFileError('empty', `${file} is empty: it has no trades, nor the names of columns.`, {
    file,
  })
}

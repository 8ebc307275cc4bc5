import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { TradeFileError } from './errors.ts'
import { readLines } from './read-lines.ts'
import type { Line } from './read-lines.ts'
import type { FeedTick } from './tick.ts'

/** A row of a file of trades; `line` counts from 1, which is the header. */
export type TradeRow =
  | ({ readonly type: 'tick'; readonly line: number } & FeedTick)
  /** A row that is not a tick; numbers are not checked here. `text`: the row of the file. */
  | { readonly type: 'bad-row'; readonly line: number; readonly reason: string; readonly text: string }

/** Progress in bytes of the file on disk. */
export type ReadProgress = { readonly bytesRead: number; readonly totalBytes: number }

const HEADER = 'symbol,timestamp,price,volume'
const COLUMNS = ['symbol', 'timestamp', 'price', 'volume'] as const

/**
 * Reads trades from a CSV or CSV.gz file with the header `symbol,timestamp,price,volume`, further columns
 * allowed, one row at a time and in constant memory. Blank lines are skipped; quotes are not supported.
 *
 * @throws TradeFileError when the file is missing, unreadable, empty, has another header, or is no sound gzip
 */
export async function* readTrades(
  file: string,
  options: { readonly onProgress?: (progress: ReadProgress) => void } = {},
): AsyncGenerator<TradeRow, void, undefined> {
  const handle = await open(file).catch((error: unknown) => {
    throw unopenable(file, error)
  })
  let line: number | undefined
  try {
    let columns: number | undefined
    for await (const read of readLines(contentOf(file, handle, options.onProgress))) {
      line = read.number
      if (columns === undefined) columns = countColumns(file, read)
      else if (read.text !== '') yield parseRow(read, columns)
    }
    if (columns === undefined) throw emptyFile(file)
  } catch (error) {
    throw error instanceof TradeFileError ? error : unreadable(file, line, error)
  } finally {
    await handle.close()
  }
}

/** The rows that are ticks; `onBadRow` is called with the others. */
export async function* ticksOf(
  rows: AsyncIterable<TradeRow>,
  onBadRow: (row: Extract<TradeRow, { type: 'bad-row' }>) => void,
): AsyncGenerator<FeedTick, void, undefined> {
  for await (const row of rows) {
    if (row.type === 'tick') yield row
    else onBadRow(row)
  }
}

async function* contentOf(
  file: string,
  handle: FileHandle,
  onProgress: ((progress: ReadProgress) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stat = await handle.stat()
  if (!stat.isFile()) {
    const what = stat.isDirectory() ? 'a directory' : 'no regular file'
    throw new TradeFileError('not-a-file', `${file} is ${what}: give a .csv or .csv.gz file.`, { file })
  }
  if (stat.size === 0) throw emptyFile(file)
  const magic = Buffer.alloc(2)
  await handle.read(magic, 0, 2, 0)
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b
  if (!isGzip && file.endsWith('.gz')) throw notGzip(file, magic)

  const source = handle.createReadStream({ start: 0, autoClose: false })
  // The reader of the gunzip stream gets the error; the callback need not handle it.
  const content: AsyncIterable<Uint8Array> = isGzip
    ? pipeline(source, createGunzip(), () => undefined)
    : source
  let reported = 0
  for await (const chunk of content) {
    yield chunk
    if (source.bytesRead === reported) continue
    reported = source.bytesRead
    onProgress?.({ bytesRead: reported, totalBytes: stat.size })
  }
}

function countColumns(file: string, line: Line): number {
  if (line.text === HEADER || line.text.startsWith(`${HEADER},`)) return line.text.split(',').length
  const hint = line.text.includes('"') ? ' Quotes are not supported: write the names without.' : ''
  throw new TradeFileError(
    'wrong-header',
    `${file}, line 1: the header is ${JSON.stringify(excerpt(line.text))}, and it has to be "${HEADER}", ` +
      `further columns allowed after these.${hint}`,
    { file, line: 1 },
  )
}

function parseRow({ number: line, text, overlong }: Line, columns: number): TradeRow {
  const bad = (reason: string): TradeRow => ({ type: 'bad-row', line, reason, text })
  if (overlong) return bad('line too long, perhaps not a text file')
  if (text.includes('"')) return bad('quotes are not supported')
  const fields = text.split(',')
  if (fields.length !== columns)
    return bad(`wrong number of columns: ${fields.length}, and the header has ${columns}`)
  const [symbol = '', timestamp = '', price = '', volume = ''] = fields
  if (symbol === '' || timestamp === '' || price === '' || volume === '') {
    return bad(`empty ${COLUMNS.filter((_, column) => fields[column] === '').join(', ')}`)
  }
  return { type: 'tick', line, symbol, timestamp, price, volume }
}

function unopenable(file: string, error: unknown): TradeFileError {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') {
    return new TradeFileError('missing', `${file} does not exist: check the path.`, { file, cause: error })
  }
  return unreadable(file, undefined, error)
}

function unreadable(file: string, line: number | undefined, error: unknown): TradeFileError {
  const where = line === undefined ? file : `${file}, after line ${line}`
  if (codeOf(error)?.startsWith('Z_')) {
    const message = `${where}: the gzip data is damaged or cut short (${String(error)}): fetch or make the file anew.`
    return new TradeFileError('damaged-gzip', message, { file, line, cause: error })
  }
  const message = `${where}: cannot be read (${String(error)}): check the file and its permissions.`
  return new TradeFileError('unreadable', message, { file, line, cause: error })
}

function emptyFile(file: string): TradeFileError {
  return new TradeFileError('empty', `${file} is empty: its first line has to be "${HEADER}".`, { file })
}

function notGzip(file: string, magic: Buffer): TradeFileError {
  return new TradeFileError(
    'not-gzip',
    `${file} is not gzip: it begins with the bytes ${magic.toString('hex')}, not 1f8b. ` +
      'Compress it, or take .gz off its name.',
    { file },
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function excerpt(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}...`
}

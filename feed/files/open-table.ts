import { TradeFileError } from '../errors.ts'
import type { Compression, Content } from './content.ts'
import { readCsv } from './csv-table.ts'
import { readDbn } from './dbn-table.ts'
import { looksLikeJson, looksLikeNdjson, readJson, readNdjson } from './json-table.ts'
import { fileBytes } from './file-bytes.ts'
import { otherFile } from './other-files.ts'
import { readParquet } from './parquet-table.ts'
import type { Table } from './table.ts'

const ENDINGS: Readonly<Record<string, Compression>> = { gz: 'gzip', zst: 'zstd', bz2: 'bzip2' }

/**
 * Refuses content whose name says that it is packed when it is not.
 *
 * @throws TradeFileError
 */
export function refuseMisnamed(label: string, { name, head }: Content): void {
  const ending = name.split('.').at(-1)?.toLowerCase() ?? ''
  const expected = ENDINGS[ending] ?? (ending === 'zip' ? 'zip' : undefined)
  if (expected === undefined) return
  const begins = Buffer.from(head.subarray(0, 4)).toString('hex')
  throw new TradeFileError(
    'not-compressed',
    `${label} is not ${expected}: it begins with the bytes ${begins}. Compress it, or take .${ending} off its name.`,
    { file: label },
  )
}

/**
 * Reads content that is not packed as a table, whatever it is; undefined where it is empty.
 *
 * @param options.file path of the file that the content is, undefined for a part of one
 * @throws TradeFileError where it is no table
 */
export async function openTable(
  content: Content,
  { label, file }: { readonly label: string; readonly file: string | undefined },
): Promise<Table | undefined> {
  const { name, head, chunks } = content
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1')
  if (magic === 'PAR1') return await parquetOf(content, file)
  if (magic.startsWith('DBN')) return await readDbn(label, chunks)
  const other = otherFile(head)
  if (other !== undefined)
    throw new TradeFileError('unknown-format', `${label} is ${other}.`, { file: label })
  const text = new TextDecoder().decode(head)
  if (!looksLikeJson(text)) return await readCsv(name, chunks)
  return looksLikeNdjson(text) ? await readNdjson(name, chunks) : await readJson(name, chunks)
}

/** A Parquet file is read from its end: one that is packed is unpacked into memory first. */
async function parquetOf({ name, chunks }: Content, file: string | undefined): Promise<Table> {
  if (file !== undefined) {
    await chunks[Symbol.asyncIterator]().return?.()
    return await readParquet(name, await fileBytes(file))
  }
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(chunk)
  const { buffer, byteOffset, byteLength } = Buffer.concat(pieces)
  const copy = new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)).buffer
  return await readParquet(name, { byteLength, slice: (start, end) => copy.slice(start, end) })
}

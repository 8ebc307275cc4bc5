import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

import unbzip2 from 'unbzip2-stream'

/** Bytes with their beginning known. */
export type Content = {
  readonly name: string
  readonly head: Uint8Array
  readonly chunks: AsyncIterable<Uint8Array>
}

export type Compression = 'gzip' | 'zstd' | 'bzip2'

/** Enough to tell what a file is. */
const HEAD_BYTES = 4096

/** Looks at the beginning of bytes. */
export async function peek(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Content> {
  const iterator = chunks[Symbol.asyncIterator]()
  const begun: Uint8Array[] = []
  let bytes = 0
  while (bytes < HEAD_BYTES) {
    const next = await iterator.next()
    if (next.done === true) break
    begun.push(next.value)
    bytes += next.value.length
  }
  return { name, head: Buffer.concat(begun).subarray(0, HEAD_BYTES), chunks: rejoined(begun, iterator) }
}

async function* rejoined(
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* begun
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** How bytes are compressed, by how they begin. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const hex = Buffer.from(head.subarray(0, 4)).toString('hex')
  if (hex.startsWith('1f8b')) return 'gzip'
  // A frame of zstd, or one that is skipped.
  if (hex === '28b52ffd' || /^5[0-9a-f]2a4d18$/.test(hex)) return 'zstd'
  return hex.startsWith('425a68') ? 'bzip2' : undefined
}

/** What is compressed in bytes; the iteration fails where they are damaged or cut short. */
export function decompressed(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false })
  if (compression === 'bzip2') return bunzipped(source)
  // The reader of the stream gets the error; the callback need not handle it.
  return pipeline(source, compression === 'gzip' ? createGunzip() : createZstdDecompress(), () => undefined)
}

/** unbzip2-stream is a stream of the old kind, which does not end where its source fails. */
function bunzipped(source: Readable): AsyncIterable<Uint8Array> {
  const stream = unbzip2()
  const output = new Readable().wrap(stream)
  source.on('error', (error) => output.destroy(error))
  stream.on('error', (error) => output.destroy(error instanceof Error ? error : new Error(String(error))))
  source.pipe(stream)
  return output
}

/** The bytes of a file; `onBytes` is told how many of them have been read. */
export async function* fileChunks(
  file: string,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = createReadStream(file, { highWaterMark: 256 * 1024 })
  for await (const chunk of source) {
    if (chunk instanceof Uint8Array) yield chunk
    onBytes(source.bytesRead)
  }
}

import { createReadStream } from 'node:fs'
import { PassThrough, pipeline, Readable, type Transform } from 'node:stream'
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

/** Pieces that were taken from a source, and then those that it still has. */
export async function* rejoined(
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
  if (compression === 'zstd') return zstdFrames(chunks)
  const source = Readable.from(chunks, { objectMode: false })
  // The reader of the stream gets the error; the callback need not handle it.
  return compression === 'gzip' ? pipeline(source, createGunzip(), () => undefined) : bunzipped(source)
}

/** Node's stream ends with the first frame, also where others follow. */
async function* zstdFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = chunks[Symbol.asyncIterator]()
  let left: Uint8Array | undefined = new Uint8Array()
  try {
    while (left !== undefined) {
      const decoder = createZstdDecompress()
      const feeding = feedFrame(decoder, left, source)
      // What it fails of, the decoder fails of too.
      feeding.catch((error: unknown) =>
        decoder.destroy(error instanceof Error ? error : new Error(String(error))),
      )
      for await (const chunk of decoder) if (chunk instanceof Uint8Array) yield chunk
      left = await feeding
    }
  } finally {
    await source.return?.()
  }
}

/** What was fetched beyond the frame; undefined at the end of the source. */
async function feedFrame(
  decoder: Transform & { readonly bytesWritten: number },
  begun: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): Promise<Uint8Array | undefined> {
  let fed = 0
  let chunk = begun
  for (;;) {
    if (chunk.length > 0) {
      const piece = chunk
      await new Promise<void>((resolve, reject) => {
        decoder.write(piece, (error) => (error ? reject(error) : resolve()))
      })
      fed += chunk.length
      if (decoder.bytesWritten < fed) return chunk.subarray(chunk.length - (fed - decoder.bytesWritten))
    }
    const next = await source.next()
    if (next.done === true) {
      decoder.end()
      return undefined
    }
    chunk = next.value
  }
}

/** unbzip2-stream is a stream of the old kind, which does not end where its source fails. */
function bunzipped(source: Readable): AsyncIterable<Uint8Array> {
  const stream = unbzip2()
  const output = new PassThrough()
  const fail = (error: unknown): void =>
    void output.destroy(error instanceof Error ? error : new Error(String(error)))
  source.on('error', fail)
  stream.on('error', fail)
  source.pipe(stream).pipe(output)
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

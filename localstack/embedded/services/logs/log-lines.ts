import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import * as z from 'zod'

/** What a function has printed; ids rise. */
export type LogEvent = { readonly id: number; readonly timestamp: number; readonly message: string }

/** Packed lines, and what tells whether they need to be unpacked. */
type Chunk = {
  readonly lastId: number
  readonly earliest: number
  readonly latest: number
  readonly packed: Uint8Array
}

/** Lines are packed so many at a time. Those of metrics then take less than a tenth. */
const chunkLines = 250

const chunkSchema = z.array(z.object({ id: z.number(), timestamp: z.number(), message: z.string() }))

/** The newest lines of a log group, in memory. */
export class LogLines {
  readonly #kept: number
  #chunks: Chunk[] = []
  #newest: LogEvent[] = []

  /** `kept`: lines that are kept at least, as soon as there are as many. */
  constructor(kept: number) {
    this.#kept = kept
  }

  append(event: LogEvent): void {
    this.#newest.push(event)
    if (this.#newest.length < chunkLines) return
    const times = this.#newest.map(({ timestamp }) => timestamp)
    this.#chunks.push({
      lastId: event.id,
      earliest: Math.min(...times),
      latest: Math.max(...times),
      // A copy: what zlib returns is a part of a larger buffer.
      packed: new Uint8Array(zstdCompressSync(JSON.stringify(this.#newest))),
    })
    this.#chunks = this.#chunks.slice(-Math.ceil(this.#kept / chunkLines))
    this.#newest = []
  }

  /** What the packed lines take. */
  get packedBytes(): number {
    return this.#chunks.reduce((sum, { packed }) => sum + packed.byteLength, 0)
  }

  /** Those after an id, from a time on and before another. */
  find({
    afterId,
    from,
    before,
  }: {
    readonly afterId: number
    readonly from: number
    readonly before: number
  }): readonly LogEvent[] {
    const chunks = this.#chunks.filter(
      ({ lastId, earliest, latest }) => lastId > afterId && latest >= from && earliest < before,
    )
    const packed = chunks.flatMap((chunk) =>
      chunkSchema.parse(JSON.parse(zstdDecompressSync(chunk.packed).toString())),
    )
    return [...packed, ...this.#newest].filter(
      ({ id, timestamp }) => id > afterId && timestamp >= from && timestamp < before,
    )
  }
}

import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

/** A block of the file, in bytes. */
export type Block = { readonly at: number; readonly length: number }

/** Before the first block of a chain there is none. */
export const NO_BLOCK: Block = { at: 0, length: 0 }

/** Two doubles: where the block before is. */
const HEADER_BYTES = 16
/** What is written at once. */
const WRITE_BYTES = 1024 * 1024

/** A file of blocks, each of which names the one before it in its chain: whoever keeps the last has all of them. */
export class ChainedBlocks {
  readonly #path: string
  #file: number | undefined
  #written = 0
  #waiting: Buffer[] = []
  #waitingBytes = 0

  /** @param path of a file that is not there */
  constructor(path: string) {
    this.#path = path
  }

  /** Bytes of all blocks. */
  get bytes(): number {
    return this.#written + this.#waitingBytes
  }

  /** Adds a block to the chain that ends with another; it may be read once it is flushed. */
  append(before: Block, bytes: Buffer): Block {
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeDoubleLE(before.at, 0)
    header.writeDoubleLE(before.length, 8)
    const block = { at: this.bytes, length: HEADER_BYTES + bytes.length }
    this.#waiting.push(header, bytes)
    this.#waitingBytes += block.length
    if (this.#waitingBytes >= WRITE_BYTES) this.flush()
    return block
  }

  /** Writes the blocks that wait to be. */
  flush(): void {
    this.#file ??= openSync(this.#path, 'w+')
    const bytes = Buffer.concat(this.#waiting)
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#written + done)
    this.#written += bytes.length
    this.#waiting = []
    this.#waitingBytes = 0
  }

  /** The bytes of each block of a chain, the first one first. */
  *chain(last: Block): Generator<Buffer, void, undefined> {
    const blocks: Block[] = []
    for (let block = last; block.length > 0;) {
      blocks.push(block)
      const header = this.#read({ at: block.at, length: HEADER_BYTES })
      block = { at: header.readDoubleLE(0), length: header.readDoubleLE(8) }
    }
    for (const { at, length } of blocks.toReversed())
      yield this.#read({ at: at + HEADER_BYTES, length: length - HEADER_BYTES })
  }

  /** Forgets all blocks. */
  clear(): void {
    this.#waiting = []
    this.#written = this.#waitingBytes = 0
    if (this.#file !== undefined) ftruncateSync(this.#file)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #read({ at, length }: Block): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    if (this.#file === undefined || readSync(this.#file, bytes, 0, length, at) !== length)
      throw new Error(`${this.#path} does not have the ${length} bytes at ${at} that were written to it`)
    return bytes
  }
}

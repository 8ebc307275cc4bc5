/** Takes bytes of a stream in pieces of any size. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)
  #at = 0
  #isEnded = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next bytes, which stay; undefined where fewer are left. */
  async peek(length: number): Promise<Buffer | undefined> {
    while (this.#held.length - this.#at < length && !this.#isEnded) await this.#fetch()
    return this.#held.length - this.#at < length
      ? undefined
      : this.#held.subarray(this.#at, this.#at + length)
  }

  /** The next bytes; undefined where fewer are left. */
  async take(length: number): Promise<Buffer | undefined> {
    const taken = await this.peek(length)
    if (taken !== undefined) this.#at += length
    return taken
  }

  /** A byte that has been read already. */
  peekNow(offset: number): number | undefined {
    return this.#held[this.#at + offset]
  }

  /** Bytes that have been read already; undefined where fewer are, or none is wanted. */
  takeNow(length: number): Buffer | undefined {
    if (length === 0 || this.#held.length - this.#at < length) return undefined
    this.#at += length
    return this.#held.subarray(this.#at - length, this.#at)
  }

  /** Bytes that are left once the stream has ended. */
  async rest(): Promise<number> {
    while (!this.#isEnded) await this.#fetch()
    return this.#held.length - this.#at
  }

  async #fetch(): Promise<void> {
    const next = await this.#chunks.next()
    if (next.done === true) this.#isEnded = true
    else {
      this.#held = Buffer.concat([this.#held.subarray(this.#at), next.value])
      this.#at = 0
    }
  }
}

import { rejoined } from './content.ts'

/** Pieces that are kept. */
const MAX_KEPT = 4

/** Bytes whose beginning may be read a second time. */
export class KeptBeginning {
  readonly #source: AsyncIterator<Uint8Array>
  #kept: Uint8Array[] | undefined = []

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]()
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let next = await this.#source.next(); next.done !== true; next = await this.#source.next()) {
        if (this.#kept !== undefined && this.#kept.push(next.value) > MAX_KEPT) this.#kept = undefined
        yield next.value
      }
    } finally {
      await this.#source.return?.()
    }
  }

  /** All from the beginning on; undefined where too much was read already. */
  again(): AsyncGenerator<Uint8Array, void, undefined> | undefined {
    const kept = this.#kept
    if (kept === undefined) return undefined
    this.#kept = undefined
    return rejoined(kept, this.#source)
  }
}

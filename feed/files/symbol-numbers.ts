import type { TradeTaker } from './trade-taker.ts'

type Entry = { readonly bytes: Uint8Array; readonly hash: number; readonly number: number }

const FIRST_SLOTS = 1024

/** The numbers of symbols by their bytes, found without making a text of them. */
export class SymbolNumbers {
  readonly #taker: Pick<TradeTaker, 'symbol'>
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Open addressing: an entry is at the slot of its hash, or at the first free one behind. */
  #slots: (Entry | undefined)[] = Array.from({ length: FIRST_SLOTS })
  #size = 0
  #last: Entry | undefined

  constructor(taker: Pick<TradeTaker, 'symbol'>) {
    this.#taker = taker
  }

  /** The number of the symbol in bytes `start` to `end` (not included); −1 where its rows are to be read with care. */
  of(bytes: Uint8Array, start: number, end: number): number {
    const last = this.#last
    if (last !== undefined && isSame(last.bytes, bytes, start, end)) return last.number
    let hash = 17
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0
    const found =
      this.#find(hash, bytes, start, end) ?? this.#add(hash, new Uint8Array(bytes.subarray(start, end)))
    this.#last = found
    return found.number
  }

  #find(hash: number, bytes: Uint8Array, start: number, end: number): Entry | undefined {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]
      if (entry === undefined) return undefined
      if (entry.hash === hash && isSame(entry.bytes, bytes, start, end)) return entry
    }
  }

  #add(hash: number, bytes: Uint8Array): Entry {
    const name = this.#decoder.decode(bytes)
    const number = name === '' || name.trim() !== name ? undefined : this.#taker.symbol(name)
    const entry = { bytes, hash, number: number ?? -1 }
    if (2 * ++this.#size > this.#slots.length) this.#grow()
    this.#put(entry)
    return entry
  }

  #put(entry: Entry): void {
    const mask = this.#slots.length - 1
    let slot = entry.hash & mask
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask
    this.#slots[slot] = entry
  }

  #grow(): void {
    const entries = this.#slots
    this.#slots = Array.from({ length: 2 * entries.length })
    for (const entry of entries) if (entry !== undefined) this.#put(entry)
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = known
  if (end - start !== length) return false
  for (let index = 0; index < length; index++) if (known[index] !== bytes[start + index]) return false
  return true
}

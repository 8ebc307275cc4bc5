import type { VenueTrade } from './venue.ts'

/** Trades that wait for earlier ones; they leave in the order of their ids. */
export class HeldTrades {
  #trades: VenueTrade[] = []
  #taken = 0
  #isSorted = true

  get count(): number {
    return this.#trades.length - this.#taken
  }

  add(trade: VenueTrade): void {
    const newest = this.#trades.at(-1)
    if (newest !== undefined && newest.id > trade.id) this.#isSorted = false
    this.#trades.push(trade)
  }

  /** Takes those with a lower id, in order. */
  takeBelow(id: number): readonly VenueTrade[] {
    this.#sort()
    const from = this.#taken
    while (this.#taken < this.#trades.length && (this.#trades[this.#taken]?.id ?? id) < id) this.#taken++
    return this.#trades.slice(from, this.#taken)
  }

  takeAll(): readonly VenueTrade[] {
    const all = this.takeBelow(Infinity)
    this.#trades = []
    this.#taken = 0
    return all
  }

  #sort(): void {
    if (this.#isSorted) return
    this.#trades = this.#trades.slice(this.#taken).toSorted((one, other) => one.id - other.id)
    this.#taken = 0
    this.#isSorted = true
  }
}

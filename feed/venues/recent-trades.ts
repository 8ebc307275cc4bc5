import type { LineNumber, TimedTrade } from './venue.ts'

/** A trade that was put, and the number that it was put with. */
export type PutTrade = TimedTrade & { readonly number: LineNumber }

const KEPT_MS = 10 * 60_000
const MOST = 50_000

/** The trades of a symbol that were put lately, by what tells them from each other. */
export class RecentTrades {
  readonly #trades = new Map<string, { readonly trade: PutTrade; readonly at: number }>()

  get(key: string): PutTrade | undefined {
    return this.#trades.get(key)?.trade
  }

  /** @param at Unix milliseconds of now */
  add(trade: PutTrade, at: number): void {
    this.#trades.set(trade.key, { trade, at })
    for (const [key, oldest] of this.#trades) {
      if (this.#trades.size <= MOST && oldest.at >= at - KEPT_MS) return
      this.#trades.delete(key)
    }
  }
}

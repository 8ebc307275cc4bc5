import type { FeedCounts } from '../../feed/venues/symbol-feed.ts'
import { hoursOf, isOpen, type TradingHours } from '../shared/runtime/trading-hours.ts'

/** Minutes without a trade, while trades are expected, after which a symbol is silent; in milliseconds. */
export const SILENT_MS = 10 * 60_000

/** What a minute of a venue was like. */
export type Minute = {
  readonly counts: FeedCounts
  readonly reconnects: number
  readonly silent: readonly string[]
  /** The longest time from a trade to its arrival, in milliseconds; undefined without a trade. */
  readonly lagMs: number | undefined
}

/** Counts what a venue does, by the minute. */
export class VenueWatch {
  readonly #hours: TradingHours
  /** By symbol in capitals, Unix milliseconds of the latest trade. */
  readonly #lastTrade = new Map<string, number | undefined>()
  /** By symbol, Unix milliseconds since which trades of it are expected. */
  readonly #openSince = new Map<string, number>()
  #connections = 0
  #counted = 0
  #total: FeedCounts = none()
  #reported: FeedCounts = none()
  #lagMs: number | undefined

  constructor(symbols: readonly string[], hours: TradingHours) {
    this.#hours = hours
    for (const symbol of symbols) this.#lastTrade.set(symbol.toUpperCase(), undefined)
  }

  /** @param lagMs from the trade to its arrival */
  traded(symbol: string, { now, lagMs }: { readonly now: number; readonly lagMs: number }): void {
    this.#lastTrade.set(symbol.toUpperCase(), now)
    this.#lagMs = Math.max(this.#lagMs ?? 0, lagMs)
  }

  connected(): void {
    this.#connections++
  }

  counted(counts: FeedCounts): void {
    this.#total = counts
  }

  /** The next counts begin at 0. */
  restarted(): void {
    this.#reported = none()
    this.#total = none()
  }

  /** Ends a minute. */
  minute(now: number): Minute {
    const counts = none()
    for (const name of ['trades', 'duplicates', 'filled', 'missing', 'cancelled'] as const)
      counts[name] = this.#total[name] - this.#reported[name]
    this.#reported = { ...this.#total }
    // The first connection is none again.
    const reconnects = Math.max(0, this.#connections - Math.max(1, this.#counted))
    this.#counted = this.#connections
    const lagMs = this.#lagMs
    this.#lagMs = undefined
    return { counts, reconnects, silent: this.#silent(now), lagMs }
  }

  #silent(now: number): readonly string[] {
    return [...this.#lastTrade].flatMap(([symbol, last]) => {
      if (!isOpen(hoursOf(this.#hours, symbol), now)) {
        this.#openSince.delete(symbol)
        return []
      }
      const since = this.#openSince.get(symbol) ?? now
      this.#openSince.set(symbol, since)
      return now - Math.max(last ?? 0, since) >= SILENT_MS ? [symbol] : []
    })
  }
}

function none(): FeedCounts {
  return { trades: 0, duplicates: 0, filled: 0, missing: 0, cancelled: 0 }
}

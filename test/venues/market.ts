import { type Random, sfc32 } from '../../feed/random.ts'

/** A trade as the simulated venue knows it. */
export type MarketTrade = {
  readonly symbol: string
  readonly id: number
  /** Unix microseconds. */
  readonly micros: number
  readonly price: string
  readonly volume: string
  /** Who took the liquidity. */
  readonly taker: 'buy' | 'sell'
}

/** The trades of a seeded market; each symbol's ids count up by one. */
export class Market {
  readonly trades = new Map<string, MarketTrade[]>()
  readonly #random: Random
  readonly #firstId: number
  readonly #nextIds = new Map<string, number>()
  /** Unix microseconds of the next trade. */
  #micros: number

  constructor({ seed, startMs, firstId = 1000 }: { seed: number; startMs: number; firstId?: number }) {
    this.#random = sfc32([seed, 2, 3, 4])
    this.#micros = startMs * 1000
    this.#firstId = firstId
  }

  /** Makes the next trade of a symbol, so many microseconds after the one before. */
  next(symbol: string, afterMicros: number): MarketTrade {
    const all = this.trades.get(symbol) ?? []
    this.trades.set(symbol, all)
    const id = this.#nextIds.get(symbol) ?? this.#firstId
    this.#nextIds.set(symbol, id + 1)
    // Milliseconds: what every venue can say.
    this.#micros += Math.ceil(afterMicros / 1000) * 1000
    const trade: MarketTrade = {
      symbol,
      id,
      micros: this.#micros,
      price: (100 + this.#random() * 10).toFixed(5),
      volume: (this.#random() * 3 + 0.00000001).toFixed(8),
      taker: id % 3 === 0 ? 'sell' : 'buy',
    }
    all.push(trade)
    return trade
  }

  /** Takes the trades of a symbol that happened before a time, Unix microseconds: nobody can ask for them any more. */
  takeBefore(symbol: string, micros: number): readonly MarketTrade[] {
    const all = this.trades.get(symbol) ?? []
    const end = all.findIndex((trade) => trade.micros >= micros)
    return all.splice(0, end === -1 ? all.length : end)
  }

  of(symbol: string): readonly MarketTrade[] {
    return this.trades.get(symbol) ?? []
  }
}

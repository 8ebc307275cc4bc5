import type { Trades } from '../trade.ts'
import { distance, isCounted, priceAt, volumeAt } from './amounts.ts'
import type { Measure } from './kind.ts'
import type { Cut, Rule, SidedTrades } from './rule.ts'
import { sideAt } from './sides.ts'

/** What a trade adds to a measure. Of a price below zero the amount counts without its sign. */
const AMOUNTS: Readonly<Record<Measure, (trades: Trades, index: number) => bigint>> = {
  tick: () => 1n,
  volume: volumeAt,
  dollar: (trades, index) => distance(priceAt(trades, index) * volumeAt(trades, index)),
}

type Threshold = { readonly measure: Measure; readonly least: bigint }

/** A bar closes with the trade that brings its sum to the threshold; that trade is in it whole. */
export class SumRule implements Rule {
  readonly #least: bigint
  readonly #amountOf: (trades: Trades, index: number) => bigint
  #sum = 0n

  constructor({ measure, least }: Threshold) {
    this.#least = least
    this.#amountOf = AMOUNTS[measure]
  }

  cut({ trades }: SidedTrades, from: number): Cut {
    for (let index = from; index < trades.to; index++) {
      if (isCounted(trades, index)) this.#sum += this.#amountOf(trades, index)
      if (this.#sum >= this.#least) return { to: index + 1, isClosing: true }
    }
    return { to: trades.to, isClosing: false }
  }

  restart(): void {
    this.#sum = 0n
  }
}

/** A bar closes with the trade that brings buys and sells so far apart; a trade whose side is not known adds to neither. */
export class ImbalanceRule implements Rule {
  readonly #least: bigint
  readonly #amountOf: (trades: Trades, index: number) => bigint
  #imbalance = 0n

  constructor({ measure, least }: Threshold) {
    this.#least = least
    this.#amountOf = AMOUNTS[measure]
  }

  cut({ trades, sides }: SidedTrades, from: number): Cut {
    for (let index = from; index < trades.to; index++) {
      const side = sideAt(trades, sides, index)
      if (side !== 0 && isCounted(trades, index))
        this.#imbalance += BigInt(side) * this.#amountOf(trades, index)
      if (distance(this.#imbalance) >= this.#least) return { to: index + 1, isClosing: true }
    }
    return { to: trades.to, isClosing: false }
  }

  restart(): void {
    this.#imbalance = 0n
  }
}

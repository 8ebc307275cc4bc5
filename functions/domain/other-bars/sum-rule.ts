import type { Trades } from '../trade.ts'
import { distance, isCounted, priceAt, volumeAt } from './amounts.ts'
import type { BarKind, Measure } from './kind.ts'
import type { Cut, Rule, SidedTrades } from './rule.ts'
import { sideAt } from './sides.ts'

/** What a trade adds to a measure. Of a price below zero the amount counts without its sign. */
const AMOUNTS: Readonly<Record<Measure, (trades: Trades, index: number) => bigint>> = {
  tick: () => 1n,
  volume: volumeAt,
  dollar: (trades, index) => distance(priceAt(trades, index) * volumeAt(trades, index)),
}

type SumKind = Extract<BarKind, { readonly type: 'sum' | 'imbalance' }>

/**
 * A bar closes with the trade that brings its sum to the threshold; that trade is in it whole. In an imbalance sells count
 * below zero, either direction closes, and a trade whose side is not known adds nothing.
 */
export class SumRule implements Rule {
  readonly #kind: SumKind
  #sum = 0n

  constructor(kind: SumKind) {
    this.#kind = kind
  }

  cut({ trades, sides }: SidedTrades, from: number): Cut {
    const { type, measure, least } = this.#kind
    const amountOf = AMOUNTS[measure]
    for (let index = from; index < trades.to; index++) {
      const sign = type === 'imbalance' ? sideAt(trades, sides, index) : 1
      if (sign !== 0 && isCounted(trades, index)) {
        const amount = amountOf(trades, index)
        this.#sum += sign < 0 ? -amount : amount
      }
      if (distance(this.#sum) >= least) return { to: index + 1, isClosing: true }
    }
    return { to: trades.to, isClosing: false }
  }

  restart(): void {
    this.#sum = 0n
  }
}

import { SIDES, type Sides } from '../side.ts'
import type { Trades } from '../trade.ts'
import { isLast, priceAt } from './amounts.ts'

/** Where the sides of trades come from. */
export const SIDE_SOURCES = ['venue', 'tick-rule'] as const
export type SideSource = (typeof SIDE_SOURCES)[number]

export function sideAt({ from }: Trades, sides: Sides, index: number): number {
  return sides?.[index - from] ?? SIDES.unknown
}

/**
 * Guesses sides by the tick rule: a buy above the price before, a sell below it, and as the trade before at the same price.
 * The first trades, before the price has moved, have none, and neither has a trade that may not be the close of a bar.
 */
export class TickRule {
  #price: bigint | undefined
  #side: number = SIDES.unknown

  sidesOf(trades: Trades): Int8Array {
    const sides = new Int8Array(trades.to - trades.from)
    for (let index = trades.from; index < trades.to; index++) {
      if (!isLast(trades, index)) continue
      const price = priceAt(trades, index)
      if (this.#price !== undefined && price !== this.#price)
        this.#side = price > this.#price ? SIDES.buy : SIDES.sell
      this.#price = price
      sides[index - trades.from] = this.#side
    }
    return sides
  }
}

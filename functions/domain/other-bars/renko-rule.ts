import { distance, isLast, priceAt, priceOf, textOf } from './amounts.ts'
import { type OtherBar, OtherBarsError } from './other-bar.ts'
import type { Cut, Rule, SidedTrades } from './rule.ts'

/** One trade makes at most so many bricks: of more, the size is a mistake. */
const MAX_BRICKS = 100_000

/**
 * Bricks of one size: the first price is where they begin, and a trade whose price is that far from the close of the last
 * brick closes as many as fit between, up or down. The first of them has all trades since the brick before, the others none.
 */
export class RenkoRule implements Rule {
  readonly #size: bigint
  #close: bigint | undefined
  #price = 0n

  constructor(size: bigint) {
    this.#size = size
  }

  cut({ trades }: SidedTrades, from: number): Cut {
    for (let index = from; index < trades.to; index++) {
      if (!isLast(trades, index)) continue
      this.#price = priceAt(trades, index)
      this.#close ??= this.#price
      if (distance(this.#price - this.#close) >= this.#size) return { to: index + 1, isClosing: true }
    }
    return { to: trades.to, isClosing: false }
  }

  restart(): void {
    if (this.#close === undefined) return
    this.#close += ((this.#price - this.#close) / this.#size) * this.#size
  }

  shaped(bar: OtherBar): readonly OtherBar[] {
    const first = this.#close ?? this.#price
    const move = this.#price - first
    const count = Number(distance(move) / this.#size)
    if (count > MAX_BRICKS)
      throw new OtherBarsError(
        `the price goes from ${textOf(first)} to ${textOf(this.#price)}, ${count} bricks of ${textOf(this.#size)}: give a larger size, so that one trade closes at most ${MAX_BRICKS}`,
      )
    if (count === 0) return [begunAt(first, bar)]
    const step = move < 0n ? -this.#size : this.#size
    return Array.from({ length: count }, (_, index) => {
      const open = first + step * BigInt(index)
      return { ...(index === 0 ? bar : withoutTrades(bar)), ...pricesOf(open, open + step) }
    })
  }
}

function pricesOf(from: bigint, to: bigint): Pick<OtherBar, 'open' | 'high' | 'low' | 'close'> {
  const [open, close] = [textOf(from), textOf(to)]
  return from < to ? { open, high: close, low: open, close } : { open, high: open, low: close, close }
}

/** A brick that is not full. */
function begunAt(first: bigint, bar: OtherBar): OtherBar {
  const open = textOf(first)
  return {
    ...bar,
    open,
    high: priceOf(bar.high) < first ? open : bar.high,
    low: priceOf(bar.low) > first ? open : bar.low,
  }
}

/** A further brick of the same trade. */
function withoutTrades(bar: OtherBar): OtherBar {
  const none = bar.buyVolume === null ? null : '0'
  const { lastSeconds: seconds, lastNanos: nanos } = bar
  return {
    ...bar,
    seconds,
    nanos,
    volume: '0',
    notional: '0',
    vwap: null,
    tradeCount: 0,
    buyVolume: none,
    sellVolume: none,
  }
}

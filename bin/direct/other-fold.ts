import type { FeedTick } from '../../feed/tick.ts'
import { TradeBuffer } from '../../functions/aggregator/trade-buffer.ts'
import type { BarKind } from '../../functions/domain/other-bars/kind.ts'
import type { OtherBar } from '../../functions/domain/other-bars/other-bar.ts'
import { OtherBarFold } from '../../functions/domain/other-bars/other-bar-fold.ts'
import type { SideSource } from '../../functions/domain/other-bars/sides.ts'
import { SIDES } from '../../functions/domain/side.ts'
import { NO_ID, type Trades } from '../../functions/domain/trade.ts'
import { takeTick } from './take-tick.ts'
import type { TradeFold } from './trade-fold.ts'

type OtherFoldOptions = {
  readonly kind: BarKind
  readonly side: SideSource
  readonly onBars: (symbol: string, bars: readonly OtherBar[]) => void
}

/** Trades that are given to the fold together. */
const MOST_TOGETHER = 2048

/** Folds the trades of a symbol into bars of another kind than the minutes of a deployment. */
export class OtherFold implements TradeFold {
  readonly symbol: string
  readonly #options: OtherFoldOptions
  readonly #fold: OtherBarFold
  readonly #buffer = new TradeBuffer(MOST_TOGETHER)
  readonly #sides = new Int8Array(MOST_TOGETHER)
  #held = 0
  #side: number = SIDES.unknown

  constructor(symbol: string, options: OtherFoldOptions) {
    this.symbol = symbol
    this.#options = options
    this.#fold = new OtherBarFold(options.kind, { sides: options.side })
    this.#buffer.begin()
  }

  /** Whether the side of some trade was known. */
  get hasSides(): boolean {
    return this.#fold.hasSides
  }

  add(
    seconds: number,
    nanos: number,
    price: number,
    priceScale: number,
    volume: number,
    volumeScale: number,
  ): void {
    if (!this.#buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, NO_ID)) {
      // It shares no units with those before it.
      this.#foldHeld()
      if (!this.#buffer.add(seconds, nanos, price, priceScale, volume, volumeScale, NO_ID))
        throw new Error(`a trade of ${this.symbol} at ${seconds} has more digits than a double holds`)
    }
    this.#sides[this.#held] = this.#side
    if (++this.#held >= MOST_TOGETHER) this.#foldHeld()
  }

  tick(tick: FeedTick, time: { readonly seconds: number; readonly nanos: number }): void {
    this.#side = tick.side === undefined ? SIDES.unknown : SIDES[tick.side]
    takeTick(this, tick, time)
    this.#side = SIDES.unknown
  }

  addTrades(trades: Trades): void {
    this.#foldHeld()
    this.#take(trades, new Int8Array(trades.to - trades.from).fill(this.#side))
  }

  /** Of trades that are in their order and distinct already, ids say no more. */
  takesId(): boolean {
    return true
  }

  end(): void {
    this.#foldHeld()
    this.#options.onBars(this.symbol, this.#fold.end())
  }

  #foldHeld(): void {
    if (this.#held === 0) return
    const sides = this.#sides.subarray(0, this.#held)
    this.#held = 0
    this.#take(this.#buffer.end(), sides)
    // A fold keeps none of the trades.
    this.#buffer.reuse()
  }

  #take(trades: Trades, sides: Int8Array): void {
    const bars = this.#fold.take({ trades, sides })
    if (bars.length > 0) this.#options.onBars(this.symbol, bars)
  }
}

import type { FeedTick, TickLine } from '../../feed/tick.ts'

/** Takes the trades of a symbol, checked and in the order of their time. */
export type TradeFold = {
  /** A trade whose numbers are below 2⁵²; `line` is that of its id. */
  add(
    seconds: number,
    nanos: number,
    price: number,
    priceScale: number,
    volume: number,
    volumeScale: number,
    id: number,
    line: TickLine | undefined,
  ): void
  /** A trade of any kind. */
  tick(tick: FeedTick, time: { readonly seconds: number; readonly nanos: number }): void
  /** Gives away what is open. */
  end(): void
}

/**
 * One trade of a source: the numbers are decimal text, exactly as the source wrote them, so that no digit is lost on the
 * way to the stream. A feed does not check them; the aggregator does.
 */
export type FeedTick = {
  readonly symbol: string
  /** Unix seconds, usually with a fraction. */
  readonly timestamp: string
  readonly price: string
  readonly volume: string
  /** The number of the trade, a whole number in decimal, where the source has one: who puts it twice does no harm. */
  readonly id?: string | undefined
  /** The line that the id counts on, where it is not that of the publisher. */
  readonly line?: TickLine | undefined
  /** Sale conditions as JSON: codes of the tape as texts, ids of Massive as numbers. */
  readonly conditions?: string | undefined
  /** `A`, `B` or `C`, with conditions. */
  readonly tape?: string | undefined
  /** Who took the liquidity; absent where the source does not say, or its sides are not asked for. */
  readonly side?: TakerSide | undefined
  /** That a trade of that id, with these numbers, is taken back; a trade where absent. */
  readonly type?: 'cancel'
}

export type TakerSide = 'buy' | 'sell'

/** A numbering of trades; `isContiguous` where a jump means that trades are missing. */
export type TickLine = { readonly name: string; readonly isContiguous: boolean }

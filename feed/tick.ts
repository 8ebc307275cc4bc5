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
  readonly id?: string
}

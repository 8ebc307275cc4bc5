import { formatDecimal } from './decimal.ts'
import { type BarBuilder, volumeText, vwapText } from './bar-builder.ts'

/** One revision of a closed 1-minute OHLCV bar. Decimals are exact text. */
export type Bar = {
  readonly symbol: string
  /** Unix seconds of the minute's start. */
  readonly start: number
  readonly revision: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  /** Null when no volume was traded. */
  readonly vwap: string | null
  readonly tradeCount: number
  /** Unix milliseconds of what closed it: a trade's arrival, the minute's end, or a flush. */
  readonly closedAt: number
}

/** The bar of a closed bar builder. */
export function barOf(symbol: string, builder: BarBuilder, { closedAt }: { readonly closedAt: number }): Bar {
  return {
    symbol,
    start: builder.start,
    revision: builder.revision,
    open: formatDecimal(builder.openInteger, builder.openFraction),
    high: formatDecimal(builder.highInteger, builder.highFraction),
    low: formatDecimal(builder.lowInteger, builder.lowFraction),
    close: formatDecimal(builder.closeInteger, builder.closeFraction),
    volume: volumeText(builder),
    vwap: vwapText(builder),
    tradeCount: builder.count,
    closedAt,
  }
}

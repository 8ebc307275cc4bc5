import type { BarBuilder } from './bar-builder.ts'
import { notionalUnits, priceText, VWAP_DECIMALS, volumeText, vwapUnits } from './bar-values.ts'
import { formatDecimal } from './decimal.ts'

/** A closed minute: one revision of a 1-minute OHLCV bar. Decimals are exact text. */
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
  /** Σ(price·volume). */
  readonly notional: string
  /** Null when no volume was traded. */
  readonly vwap: string | null
  readonly tradeCount: number
  /** Whether every trade of the venue is in it; null where the venue's ids do not tell. */
  readonly complete: boolean | null
  /** All of its trades were cancelled: there is no bar any more. Its prices are those of the revision before. */
  readonly withdrawn: boolean
  /** Unix milliseconds of what closed it: a trade's arrival, the minute's end, or a flush. */
  readonly closedAt: number
}

/** The bar of a closed minute. */
export function barOf(symbol: string, bar: BarBuilder, { closedAt }: { readonly closedAt: number }): Bar {
  const vwap = vwapUnits(bar)
  return {
    symbol,
    start: bar.start,
    revision: bar.revision,
    open: priceText(bar, 'open'),
    high: priceText(bar, 'high'),
    low: priceText(bar, 'low'),
    close: priceText(bar, 'close'),
    volume: volumeText(bar),
    notional: formatDecimal(notionalUnits(bar), bar.priceScale + bar.volumeScale),
    vwap: vwap === null ? null : formatDecimal(vwap, VWAP_DECIMALS),
    tradeCount: bar.count,
    complete: bar.said ?? null,
    withdrawn: bar.emptied,
    closedAt,
  }
}

import { formatDecimal } from './decimal.ts'
import { type Minute, volumeText, vwapText } from './bar-builder.ts'

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
  /** Null when no volume was traded. */
  readonly vwap: string | null
  readonly tradeCount: number
  /** Unix milliseconds of what closed it: a tick's arrival, the minute's end, or a flush. */
  readonly closedAt: number
}

/** The bar of a closed minute. */
export function barOf(symbol: string, minute: Minute, { closedAt }: { readonly closedAt: number }): Bar {
  return {
    symbol,
    start: minute.start,
    revision: minute.revision,
    open: formatDecimal(minute.openInteger, minute.openFraction),
    high: formatDecimal(minute.highInteger, minute.highFraction),
    low: formatDecimal(minute.lowInteger, minute.lowFraction),
    close: formatDecimal(minute.closeInteger, minute.closeFraction),
    volume: volumeText(minute),
    vwap: vwapText(minute),
    tradeCount: minute.count,
    closedAt,
  }
}

import { ONE, type SeriesBar } from '../../domain/series.ts'
import type { BarRecord } from '../streams/records.ts'

type Values = Pick<BarRecord, 'open' | 'high' | 'low' | 'close' | 'volume' | 'notional' | 'vwap'>

/** A bar in the form of the analysis. @param bar.start Unix seconds */
export function toSeriesBar(bar: Values & { readonly start: number }): SeriesBar {
  return {
    start: bar.start,
    open: toUnits(bar.open),
    high: toUnits(bar.high),
    low: toUnits(bar.low),
    close: toUnits(bar.close),
    volume: toUnits(bar.volume),
    vwap: vwapOf(bar),
  }
}

/** Not rounded, so that a sum of vwap · volume is one of notionals; a record of the release before has the rounded one only. */
function vwapOf({ vwap, notional, volume }: Values): number {
  if (vwap === null) return 0
  return notional === null ? toUnits(vwap) : toUnits(notional) / Number(volume)
}

/**
 * A canonical decimal in units of 10⁻⁸, the nearest double: exact up to 2⁵³ units, and above for what has fewer decimals,
 * as the factors of 10 that it ends in are factors of 2 as well.
 */
export function toUnits(text: string): number {
  const point = text.indexOf('.')
  if (point < 0) return Number(text) * ONE
  const fraction = text.slice(point + 1)
  return Number(`${text.slice(0, point)}${fraction.slice(0, 8).padEnd(8, '0')}.${fraction.slice(8)}`)
}

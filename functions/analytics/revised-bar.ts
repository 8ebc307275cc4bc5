import { ONE } from '../domain/series.ts'
import type { RevisedBar } from '../domain/signals.ts'
import type { BarRecord } from '../shared/streams/records.ts'

/** A record of `bars` in the form of the analysis. */
export function toRevisedBar(record: BarRecord): RevisedBar {
  return {
    bar: {
      start: Date.parse(record.timestamp) / 1000,
      open: toUnits(record.open),
      high: toUnits(record.high),
      low: toUnits(record.low),
      close: toUnits(record.close),
      volume: toUnits(record.volume),
      vwap: vwapOf(record),
    },
    revision: record.revision,
    withdrawn: record.withdrawn,
    closedAt: record.closed_at,
  }
}

/** Not rounded, so that a sum of vwap · volume is one of notionals; a record of the release before has the rounded one only. */
function vwapOf({ vwap, notional, volume }: BarRecord): number {
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

import { ONE } from '../domain/decimal.ts'
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
      vwap: record.vwap === null ? 0 : toUnits(record.vwap),
    },
    revision: record.revision,
    closedAt: record.closed_at,
  }
}

/**
 * A canonical decimal in units of 10⁻⁸: exact up to 2⁵³ units, and above for what has fewer decimals, as the factors of
 * 10 that it ends in are factors of 2 as well.
 */
function toUnits(text: string): number {
  const point = text.indexOf('.')
  if (point < 0) return Number(text) * ONE
  return Number(text.slice(0, point)) * ONE + Number(text.slice(point + 1).padEnd(8, '0'))
}

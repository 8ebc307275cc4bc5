import type { IndicatorsRecord } from '../shared/streams/records.ts'
import { isCalendarMinute, SCANNED_MINUTE, SCANNED_TIME } from '../shared/streams/scanned-minute.ts'

/** The indicators of a minute, their values as the JSON that the database takes. */
export type IndicatorRow = Omit<IndicatorsRecord, 'values'> & { readonly values: string }

export function indicatorRow({ values, ...record }: IndicatorsRecord): IndicatorRow {
  return { ...record, values: JSON.stringify(values) }
}

/** Within what a double holds; longer ones are for the careful reader, which rounds them. */
const NUMBER = String.raw`-?(?:0|[1-9]\d{0,20})(?:\.\d{1,22})?(?:e[+-]\d{1,2})?`
const VALUE = String.raw`"[a-z][\w.]*":${NUMBER}`
const VALUES = String.raw`\{(?:${VALUE}(?:,${VALUE})*)?\}`
const RECORD = new RegExp(
  String.raw`^\{"type":"indicators",${SCANNED_MINUTE},"calculated_at":${SCANNED_TIME},"closed_at":${SCANNED_TIME},"values":(${VALUES})\}$`,
)

/**
 * Reads a record of indicators that is written as the analytics part writes it, without making a number of each of its values:
 * the database does that. Undefined for any other text, which the careful reader is for.
 */
export function scanIndicators(text: string): IndicatorRow | undefined {
  const [, symbol, timestamp, revision, calculatedAt, closedAt, values] = RECORD.exec(text) ?? []
  if (symbol === undefined || timestamp === undefined || values === undefined) return undefined
  if (!isCalendarMinute(timestamp)) return undefined
  return {
    type: 'indicators',
    symbol,
    timestamp,
    timeframe: '1Min',
    revision: Number(revision),
    calculated_at: Number(calculatedAt),
    closed_at: Number(closedAt),
    values,
  }
}

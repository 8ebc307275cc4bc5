import { z } from '@hono/zod-openapi'

import { decimalSchema, nullableDecimalSchema, type NumberFormat } from '../http/numbers.ts'
import { type ColumnOf, type Table, tableOf } from '../http/table.ts'
import { timeText } from '../http/time-text.ts'
import type { BarRow } from './bar-row.ts'

/** A time in an answer: ISO 8601, UTC, seconds. */
export const timeSchema = z.iso.datetime().openapi({ example: '2025-11-10T14:30:00Z' })

/** A bar under Alpaca's names, with its revision, exact notional and completeness. */
export const barSchema = z
  .object({
    t: timeSchema.openapi({ description: "The bar's start" }),
    o: decimalSchema.openapi({ description: 'Open' }),
    h: decimalSchema.openapi({ description: 'High' }),
    l: decimalSchema.openapi({ description: 'Low' }),
    c: decimalSchema.openapi({ description: 'Close' }),
    v: decimalSchema.openapi({ description: 'Volume' }),
    n: z.int().openapi({ description: 'Trades' }),
    vw: nullableDecimalSchema.openapi({ description: 'Volume-weighted average price; null without volume' }),
    rev: z.int().openapi({
      description:
        'Grows with each change: 1 for a minute, 0 for an imported one, and 1 more for each correction; the sum of those of its minutes for a longer bar',
    }),
    notional: nullableDecimalSchema.openapi({
      description:
        'Exact sum of price times volume; null where a minute was written by a release that did not keep it',
    }),
    complete: z.boolean().nullable().openapi({
      description:
        'Whether every trade of the venue is in it; null where the ids of the venue do not tell. False while a longer bar is still filling',
    }),
    source: z.string().optional().openapi({
      description:
        'Whose bar it is, where it was imported and not made of trades, or a minute of it was; absent otherwise',
      example: 'binance',
    }),
  })
  .openapi('Bar')

/** What a bar says under the names that Alpaca has too. */
export function barValues(row: BarRow, number: NumberFormat) {
  return {
    t: timeText(row.time),
    o: number(row.open),
    h: number(row.high),
    l: number(row.low),
    c: number(row.close),
    v: number(row.volume),
    n: row.trade_count,
    vw: row.vwap === null ? null : number(row.vwap),
  }
}

/** A bar as JSON has it. */
export function barView(row: BarRow, number: NumberFormat) {
  return {
    ...barValues(row, number),
    rev: row.revision,
    notional: row.notional === null ? null : number(row.notional),
    complete: row.complete,
    ...(row.source !== null && { source: row.source }),
  }
}

/** Characters of a bar's entry as `escapedLength` counts them, or a few more: its decimals and the constant rest. */
export function barSize({ open, high, low, close, volume, vwap, notional }: BarRow): number {
  const nullable = (vwap?.length ?? 0) + (notional?.length ?? 0)
  return 250 + open.length + high.length + low.length + close.length + volume.length + nullable
}

const COLUMNS: readonly ColumnOf<BarRow>[] = [
  ['symbol', 'text', ({ symbol }) => symbol],
  ['t', 'second', ({ time }) => time * 1000],
  ['o', 'decimal', ({ open }) => open],
  ['h', 'decimal', ({ high }) => high],
  ['l', 'decimal', ({ low }) => low],
  ['c', 'decimal', ({ close }) => close],
  ['v', 'decimal', ({ volume }) => volume],
  ['n', 'integer', (row) => row.trade_count],
  ['vw', 'decimal', ({ vwap }) => vwap],
  ['rev', 'integer', ({ revision }) => revision],
  ['notional', 'decimal', ({ notional }) => notional],
  ['complete', 'boolean', ({ complete }) => complete],
  ['source', 'text', ({ source }) => source],
]

/** Bars as a table. */
export function barTable(rows: readonly BarRow[]): Table {
  return tableOf(rows, COLUMNS)
}

import { z } from '@hono/zod-openapi'

import { decimalSchema, nullableDecimalSchema, type NumberFormat } from '../http/numbers.ts'
import type { Cell, Column, ColumnType, Table } from '../http/table.ts'
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

/** Bars as a table: all of a bar at once, in a fifth of the time that a column after the other takes. */
export function barTable(rows: readonly BarRow[]): Table {
  const of = (name: string, type: ColumnType): Column & { readonly cells: Cell[] } => ({
    name,
    type,
    cells: Array<Cell>(rows.length),
  })
  const symbol = of('symbol', 'text')
  const t = of('t', 'second')
  const o = of('o', 'decimal')
  const h = of('h', 'decimal')
  const l = of('l', 'decimal')
  const c = of('c', 'decimal')
  const v = of('v', 'decimal')
  const n = of('n', 'integer')
  const vw = of('vw', 'decimal')
  const rev = of('rev', 'integer')
  const notional = of('notional', 'decimal')
  const complete = of('complete', 'boolean')
  const source = of('source', 'text')
  for (const [index, row] of rows.entries()) {
    symbol.cells[index] = row.symbol
    t.cells[index] = row.time * 1000
    o.cells[index] = row.open
    h.cells[index] = row.high
    l.cells[index] = row.low
    c.cells[index] = row.close
    v.cells[index] = row.volume
    n.cells[index] = row.trade_count
    vw.cells[index] = row.vwap
    rev.cells[index] = row.revision
    notional.cells[index] = row.notional
    complete.cells[index] = row.complete
    source.cells[index] = row.source
  }
  return { rows: rows.length, columns: [symbol, t, o, h, l, c, v, n, vw, rev, notional, complete, source] }
}

import { z } from '@hono/zod-openapi'

import type { Table } from '../http/csv.ts'
import { decimalSchema, nullableDecimalSchema, type NumberFormat } from '../http/numbers.ts'
import type { BarRow } from './select-bars.ts'

/** A time in an answer: ISO 8601, UTC, seconds. */
export const timeSchema = z.iso.datetime().openapi({ example: '2025-11-10T14:30:00Z' })

/** A bar under Alpaca's names, and its revision. */
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
    rev: z.int().openapi({ description: '1, and 1 more for each correction' }),
  })
  .openapi('Bar')

/** A bar as JSON has it. */
export function barView(row: BarRow, number: NumberFormat) {
  return {
    t: timeText(row.time),
    o: number(row.open),
    h: number(row.high),
    l: number(row.low),
    c: number(row.close),
    v: number(row.volume),
    n: row.trade_count,
    vw: row.vwap === null ? null : number(row.vwap),
    rev: row.revision,
  }
}

/** Characters of a bar's entry as `escapedLength` counts them, or a few more: its decimals and the constant rest. */
export function barSize({ open, high, low, close, volume, vwap }: BarRow): number {
  return 160 + open.length + high.length + low.length + close.length + volume.length + (vwap?.length ?? 0)
}

/** Bars as a table. */
export function barTable(rows: readonly BarRow[]): Table {
  return {
    columns: ['symbol', 't', 'o', 'h', 'l', 'c', 'v', 'n', 'vw', 'rev'],
    rows: rows.map((row) => [
      row.symbol,
      timeText(row.time),
      row.open,
      row.high,
      row.low,
      row.close,
      row.volume,
      row.trade_count,
      row.vwap,
      row.revision,
    ]),
  }
}

const DAY_SECONDS = 86_400

/** The day of the time before: bars come by the hundred from the same one, and `Date` is slow. */
let day = { number: Number.NaN, text: '' }

/** Unix seconds as ISO 8601 in UTC. */
export function timeText(seconds: number): string {
  const number = Math.floor(seconds / DAY_SECONDS)
  if (number !== day.number)
    day = { number, text: new Date(number * DAY_SECONDS * 1000).toISOString().slice(0, 11) }
  const rest = seconds - number * DAY_SECONDS
  return `${day.text}${two(rest / 3600)}:${two((rest / 60) % 60)}:${two(rest % 60)}Z`
}

function two(value: number): string {
  const whole = Math.floor(value)
  return whole < 10 ? `0${whole}` : String(whole)
}

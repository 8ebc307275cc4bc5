import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import { type Given, iso } from '../bars/bar-grid.ts'
import { DAY_MS } from '../http/times.ts'
import { LOOK_BACK_DAYS } from './screened-symbols.ts'

/** What a bar can be screened by, beside indicators and patterns, and its column. */
export const BAR_VALUES = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  vw: 'vwap',
  notional: 'notional',
  trade_count: 'trade_count',
} as const

/** A name of `BAR_VALUES`. */
export type BarValue = keyof typeof BAR_VALUES

/** What is read of a bar. */
export type ScreenedValues = {
  readonly own: readonly BarValue[]
  readonly indicators: readonly string[]
  readonly patterns: readonly string[]
  /** Whether the bar before the newest is read too. */
  readonly looksBack: boolean
}

const rowSchema = z.object({
  symbol: z.string(),
  /** Unix seconds. */
  time: z.coerce.number(),
  /** Of the bar, in the order asked for: exact decimals. */
  own: z.array(z.string().nullable()),
  /** Of the indicators asked for, in their order. */
  computed: z.array(z.string().nullable()),
  /** Those asked for that the bar completes. */
  patterns: z.array(z.string()),
})

/** A bar with what it is screened by. */
export type ScreenedRow = Readonly<z.infer<typeof rowSchema>>

/**
 * Reads the newest bar of each symbol up to a time, and the one before it where that is asked for, newest first. What is not
 * asked for is not read: of thousands of symbols it would take most of the time.
 *
 * @param options.time Unix milliseconds, included
 */
export async function selectScreened(
  database: Queryable,
  symbols: readonly string[],
  { time, ...wanted }: ScreenedValues & { readonly time: number },
): Promise<readonly ScreenedRow[]> {
  const values: unknown[] = []
  const given: Given = (value, type) => `$${values.push(value)}::${type}`
  const text = screened(symbols, { ...wanted, time }, given)
  return (await database.query(text, values)).rows.map(readRow)
}

function screened(
  symbols: readonly string[],
  { time, own, indicators, patterns, looksBack }: ScreenedValues & { readonly time: number },
  given: Given,
): string {
  // Bounds of partitions stand where Postgres plans with them.
  const [from, to] = [time - LOOK_BACK_DAYS * DAY_MS, time + 1].map((at) => given(iso(at), 'timestamptz'))
  const ofBar = `symbol = wanted.symbol AND timestamp = bar.timestamp AND timestamp >= ${from} AND timestamp < ${to} AND timeframe = '1Min'`
  const computed = () => `coalesce((
      SELECT (SELECT array_agg(indicators ->> name ORDER BY place) FROM unnest(${given(indicators, 'text[]')}) WITH ORDINALITY AS asked (name, place))
      FROM indicator_values WHERE ${ofBar}
    ), '{}')`
  const completed = () =>
    `ARRAY(SELECT pattern_type FROM intraday_patterns WHERE ${ofBar} AND NOT withdrawn AND pattern_type = ANY(${given(patterns, 'text[]')}))`
  const ownValues = own.map((name) => `trim_scale(${BAR_VALUES[name]}::numeric)::text`)
  return `
    SELECT wanted.symbol, extract(epoch FROM bar.timestamp)::bigint AS time, bar.own,
      ${indicators.length === 0 ? `'{}'::text[]` : computed()} AS computed,
      ${patterns.length === 0 ? `'{}'::text[]` : completed()} AS patterns
    FROM unnest(${given(symbols, 'text[]')}) AS wanted (symbol)
    CROSS JOIN LATERAL (
      SELECT timestamp, ARRAY[${ownValues.join(', ')}]::text[] AS own FROM ohlcv_1min
      WHERE symbol = wanted.symbol AND timestamp >= ${from} AND timestamp < ${to} AND NOT withdrawn
      ORDER BY timestamp DESC LIMIT ${looksBack ? 2 : 1}
    ) AS bar
    ORDER BY wanted.symbol, bar.timestamp DESC`
}

/**
 * By hand, in a tenth of the time that the schema takes.
 *
 * @throws z.ZodError for a row that is none
 */
function readRow(row: unknown): ScreenedRow {
  if (!isRow(row)) return rowSchema.parse(row)
  const { symbol, time, own, computed, patterns } = row
  return { symbol, time: Number(time), own, computed, patterns }
}

type StoredRow = Omit<ScreenedRow, 'time'> & { readonly time: string }

function isRow(row: unknown): row is StoredRow {
  return (
    typeof row === 'object' &&
    row !== null &&
    'symbol' in row &&
    typeof row.symbol === 'string' &&
    'time' in row &&
    typeof row.time === 'string' &&
    /^-?\d+$/.test(row.time) &&
    'own' in row &&
    isListOf(row.own, isTextOrNull) &&
    'computed' in row &&
    isListOf(row.computed, isTextOrNull) &&
    'patterns' in row &&
    isListOf(row.patterns, (value) => typeof value === 'string')
  )
}

function isListOf(value: unknown, isOf: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOf)
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string'
}

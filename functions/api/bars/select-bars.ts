import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import type { Direction, Read } from '../page/read-plan.ts'
import { startOfBar, type Timeframe, TIMEFRAMES, type TimeZone, longest } from './timeframes.ts'

/** A bar as Postgres gives it; decimals are exact text. */
export const barRowSchema = z.object({
  symbol: z.string(),
  /** Unix seconds. */
  time: z.coerce.number(),
  open: z.string(),
  high: z.string(),
  low: z.string(),
  close: z.string(),
  volume: z.string(),
  vwap: z.string().nullable(),
  trade_count: z.coerce.number(),
  revision: z.coerce.number(),
})
const rowsSchema = z.array(barRowSchema)

/** A row of a bar. */
export type BarRow = Readonly<z.infer<typeof barRowSchema>>

/** How bars are computed from the stored ones. */
export type BarKind = {
  readonly timeframe: Timeframe
  readonly zone: TimeZone
  /** Unix milliseconds: rows written later are left out. Undefined for all rows. */
  readonly asof: number | undefined
}

/** How many bars at the most, of each symbol and of all. */
export type Limits = { readonly perSymbol: number; readonly total: number }

const VALUES = 'open, high, low, close, volume, vwap, trade_count, revision'

/** Reads bars by symbol, then time in the direction given. */
export async function selectBars(
  database: Queryable,
  read: Read,
  { direction, limits, ...kind }: BarKind & { readonly direction: Direction; readonly limits: Limits },
): Promise<BarRow[]> {
  const values: unknown[] = []
  const given = (value: unknown, type: string): string => `$${values.push(value)}::${type}`
  const order = direction === 'asc' ? 'ASC' : 'DESC'
  const bars = kind.timeframe === '1Min' ? minutes(read, kind, given) : rolledUp(read, kind, given)
  const text = `
    SELECT wanted.symbol, extract(epoch FROM bar.timestamp)::bigint AS time, ${VALUES}
    FROM unnest(${given(read.symbols, 'text[]')}) WITH ORDINALITY AS wanted (symbol, place)
    CROSS JOIN LATERAL (${bars} ORDER BY timestamp ${order} LIMIT ${given(limits.perSymbol, 'bigint')}) AS bar
    ORDER BY place, bar.timestamp ${order} LIMIT ${given(limits.total, 'bigint')}`
  return rowsSchema.parse((await database.query(text, values)).rows)
}

type Given = (value: unknown, type: string) => string

/** The stored bars of a symbol, each in the revision of `asof`. */
function minutes({ from, to }: Pick<Read, 'from' | 'to'>, { asof }: BarKind, given: Given): string {
  const span = `timestamp >= ${given(iso(from), 'timestamptz')} AND timestamp < ${given(iso(to), 'timestamptz')}`
  const stored = (table: string, and = ''): string =>
    `SELECT timestamp, ${VALUES} FROM ${table} WHERE symbol = wanted.symbol AND ${span}${and}`
  if (asof === undefined) return stored('ohlcv_1min')
  // Times are shown to the millisecond, and kept to the microsecond.
  const known = ` AND written_at < ${given(iso(asof + 1), 'timestamptz')}`
  return `
    SELECT * FROM (
      SELECT DISTINCT ON (timestamp) * FROM (
        ${stored('ohlcv_1min', known)} UNION ALL ${stored('bar_revisions', known)}
      ) AS version ORDER BY timestamp, revision DESC
    ) AS known`
}

/**
 * Bars of several minutes each, exact: sums are numeric, and the volume-weighted price is Σ(vwap·volume) / Σvolume,
 * rounded half up to 8 decimals in whole numbers. `revision` counts the corrections of all minutes, from 1.
 */
function rolledUp({ from, to }: Read, kind: BarKind, given: Given): string {
  const { timeframe, zone } = kind
  const interval = given(`${TIMEFRAMES[timeframe] / 1000} seconds`, 'interval')
  const start = startOfBar(timeframe, zone)(interval, 'timestamp')
  // Whole bars: those that begin in the span, with minutes that may lie behind it.
  const source = minutes({ from, to: to + longest(timeframe) }, kind, given)
  return `
    SELECT * FROM (
      SELECT start AS timestamp,
        (array_agg(open ORDER BY timestamp))[1] AS open, max(high) AS high, min(low) AS low,
        (array_agg(close ORDER BY timestamp))[count(*)] AS close,
        trim_scale(sum(volume)) AS volume,
        trim_scale(div(200000000 * sum(vwap * volume) + sum(volume), nullif(2 * sum(volume), 0)) * 0.00000001) AS vwap,
        sum(trade_count) AS trade_count,
        1 + sum(revision - 1) AS revision
      FROM (SELECT *, ${start} AS start FROM (${source}) AS minute) AS minute
      WHERE start >= ${given(iso(from), 'timestamptz')} AND start < ${given(iso(to), 'timestamptz')}
      GROUP BY start
    ) AS rolled`
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

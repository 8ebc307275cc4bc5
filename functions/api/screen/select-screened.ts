import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
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

const rowsSchema = z.array(
  z.object({
    symbol: z.string(),
    /** Unix seconds. */
    time: z.coerce.number(),
    /** Of the bar, in the order of `BAR_VALUES`: exact decimals. */
    own: z.array(z.string().nullable()),
    /** Of the indicators asked for, in their order. */
    computed: z.array(z.string().nullable()),
    /** Those asked for that the bar completes. */
    patterns: z.array(z.string()),
  }),
)

/** A bar with what it is screened by. */
export type ScreenedRow = Readonly<z.infer<typeof rowsSchema>[number]>

const OWN = Object.values(BAR_VALUES).map((column) => `trim_scale(${column}::numeric)::text`)

// $1 symbols, $2 to $3 when, $4 indicators, $5 patterns. Bounds of partitions stand where Postgres plans with them.
const SCREENED = `
  SELECT wanted.symbol, extract(epoch FROM bar.timestamp)::bigint AS time, bar.own,
    coalesce((
      SELECT (SELECT array_agg(indicators ->> name ORDER BY place) FROM unnest($4::text[]) WITH ORDINALITY AS asked (name, place))
      FROM indicator_values
      WHERE symbol = wanted.symbol AND timestamp = bar.timestamp AND timestamp >= $2 AND timestamp < $3 AND timeframe = '1Min'
    ), '{}') AS computed,
    ARRAY(
      SELECT pattern_type FROM intraday_patterns
      WHERE symbol = wanted.symbol AND timestamp = bar.timestamp AND timestamp >= $2 AND timestamp < $3 AND timeframe = '1Min'
        AND NOT withdrawn AND pattern_type = ANY($5::text[])
    ) AS patterns
  FROM unnest($1::text[]) AS wanted (symbol)
  CROSS JOIN LATERAL (
    SELECT timestamp, ARRAY[${OWN.join(', ')}] AS own FROM ohlcv_1min
    WHERE symbol = wanted.symbol AND timestamp >= $2 AND timestamp < $3 AND NOT withdrawn
    ORDER BY timestamp DESC LIMIT 2
  ) AS bar
  ORDER BY wanted.symbol, bar.timestamp DESC`

/**
 * Reads the newest two bars of each symbol up to a time, newest first.
 *
 * @param options.time Unix milliseconds, included
 */
export async function selectScreened(
  database: Queryable,
  symbols: readonly string[],
  {
    time,
    indicators,
    patterns,
  }: { readonly time: number; readonly indicators: readonly string[]; readonly patterns: readonly string[] },
): Promise<readonly ScreenedRow[]> {
  const span = [new Date(time - LOOK_BACK_DAYS * DAY_MS), new Date(time + 1)]
  const { rows } = await database.query(SCREENED, [symbols, ...span, indicators, patterns])
  return rowsSchema.parse(rows)
}

import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import { DAY_MS } from '../http/times.ts'

/** A span of whole days, Unix milliseconds; `to` is not in it. */
export type Days = { readonly from: number; readonly to: number }

const countsSchema = z.array(
  z.object({
    symbol: z.string(),
    /** Its start, Unix milliseconds. */
    day: z.number(),
    bars: z.coerce.number(),
    trades: z.coerce.number(),
    incomplete: z.coerce.number(),
    unknown: z.coerce.number(),
    corrected: z.coerce.number(),
    corrections: z.coerce.number(),
  }),
)

/** The bars of a symbol and day, counted. */
export type DayCounts = z.infer<typeof countsSchema>[number]

const COUNTS = `
  SELECT symbol, extract(epoch FROM date_trunc('day', timestamp, 'UTC'))::float8 * 1000 AS day, count(*) AS bars,
    sum(trade_count) AS trades, count(*) FILTER (WHERE complete IS FALSE) AS incomplete,
    count(*) FILTER (WHERE complete IS NULL) AS unknown, count(*) FILTER (WHERE revision > 1) AS corrected,
    sum(revision - 1) AS corrections
  FROM ohlcv_1min WHERE symbol = ANY($1::text[]) AND timestamp >= $2 AND timestamp < $3
    AND NOT withdrawn
  GROUP BY symbol, day`

const gapsSchema = z.array(
  z.object({
    symbol: z.string(),
    after: z.number().nullable(),
    before: z.number().nullable(),
    complete_after: z.boolean().nullable(),
    complete_before: z.boolean().nullable(),
  }),
)

/** Minutes without a bar, between two bars; each by its start, Unix milliseconds, and what it says of its trades. */
export type Gap = z.infer<typeof gapsSchema>[number]

/** How far before and after the days a neighbouring bar is looked for. */
const BESIDE_MS = 7 * DAY_MS

// The bars of the days, the newest before them and the oldest after them.
const GAPS = `
  WITH given AS (SELECT unnest($1::text[]) AS symbol), bar AS (
    SELECT symbol, timestamp, complete FROM ohlcv_1min
    WHERE symbol = ANY($1::text[]) AND timestamp >= $2 AND timestamp < $3 AND NOT withdrawn
    UNION ALL SELECT beside.* FROM given CROSS JOIN LATERAL (
      SELECT symbol, timestamp, complete FROM ohlcv_1min AS bar
      WHERE bar.symbol = given.symbol AND timestamp >= $4 AND timestamp < $2 AND NOT withdrawn
      ORDER BY timestamp DESC LIMIT 1) AS beside
    UNION ALL SELECT beside.* FROM given CROSS JOIN LATERAL (
      SELECT symbol, timestamp, complete FROM ohlcv_1min AS bar
      WHERE bar.symbol = given.symbol AND timestamp >= $3 AND timestamp < $5
        AND NOT withdrawn
      ORDER BY timestamp LIMIT 1) AS beside
  ), pair AS (
    SELECT symbol, timestamp AS after, complete AS complete_after, lead(timestamp) OVER beside AS before,
      lead(complete) OVER beside AS complete_before, row_number() OVER beside AS place
    FROM bar WINDOW beside AS (PARTITION BY symbol ORDER BY timestamp)
  )
  SELECT symbol, extract(epoch FROM after)::float8 * 1000 AS after, extract(epoch FROM before)::float8 * 1000 AS before,
    complete_after, complete_before
  FROM pair WHERE before IS NULL OR before > after + interval '1 minute'
  UNION ALL SELECT symbol, NULL, extract(epoch FROM after)::float8 * 1000, NULL, complete_after FROM pair WHERE place = 1`

/** Counts the bars of some symbols by day; days without bars are missing. */
export async function selectCounts(
  database: Queryable,
  symbols: readonly string[],
  { from, to }: Days,
): Promise<readonly DayCounts[]> {
  const { rows } = await database.query(COUNTS, [symbols, new Date(from), new Date(to)])
  return countsSchema.parse(rows)
}

/** Where the bars of some symbols leave minutes out, in and around some days. */
export async function selectGaps(
  database: Queryable,
  symbols: readonly string[],
  { from, to }: Days,
): Promise<readonly Gap[]> {
  const [before, after] = [from - BESIDE_MS, to + BESIDE_MS]
  const times = [from, to, before, after].map((ms) => new Date(ms))
  const { rows } = await database.query(GAPS, [symbols, ...times])
  return gapsSchema.parse(rows)
}

import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'

/** The minutes that health and stats read. */
export const WINDOW_MINUTES = 10

const minutesSchema = z.array(
  z.object({
    time: z.coerce.number(),
    bars: z.coerce.number(),
    ticks: z.coerce.number(),
    corrected: z.coerce.number(),
  }),
)
const latencySchema = z.tuple([
  z.object({ p50: z.number().nullable(), p99: z.number().nullable(), max: z.number().nullable() }),
])

const RECENT_BARS = `
  FROM symbols CROSS JOIN LATERAL (
    SELECT timestamp, trade_count, revision, closed_at, written_at FROM ohlcv_1min AS bar
    WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
  ) AS bar
  WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date`

/** One recent minute: its start in Unix seconds, its bars, their ticks, and how many were corrected. */
export type RecentMinute = z.infer<typeof minutesSchema>[number]

/** The last minutes, newest first; those without bars are missing. */
export async function recentMinutes(database: Queryable, now: number): Promise<RecentMinute[]> {
  const { rows } = await database.query(
    `SELECT extract(epoch FROM timestamp)::bigint AS time, count(*) AS bars, sum(trade_count) AS ticks,
       count(*) FILTER (WHERE revision > 1) AS corrected
     ${RECENT_BARS} GROUP BY timestamp ORDER BY timestamp DESC`,
    windowOf(now),
  )
  return minutesSchema.parse(rows)
}

// What closed live: not earlier than its minute ended, give or take a clock, and not long after. A flush closes minutes
// before their end, a replay long after it.
const LIVE = `closed_at >= timestamp + interval '59 seconds' AND closed_at <= timestamp + interval '3 minutes'`

/** Milliseconds from what closed a bar to its row, of the last minutes' first revisions that closed live. */
export async function recentLatency(
  database: Queryable,
  now: number,
): Promise<z.infer<typeof latencySchema>[0]> {
  const { rows } = await database.query(
    `SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY ms) AS p99,
       max(ms) AS max
     FROM (SELECT extract(epoch FROM written_at - closed_at)::float8 * 1000 AS ms ${RECENT_BARS} AND revision = 1 AND ${LIVE}) AS latency`,
    windowOf(now),
  )
  return latencySchema.parse(rows)[0]
}

function windowOf(now: number): Date[] {
  return [new Date(now - WINDOW_MINUTES * 60_000), new Date(now)]
}

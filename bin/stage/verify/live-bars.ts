import * as z from 'zod'

import type { Queryable } from '../../../functions/shared/postgres/database.ts'

/** The live bars of the last ten minutes, or why there are none. */
export type LiveBars =
  | {
      readonly type: 'live'
      readonly minutes: number
      readonly bars: number
      readonly ticks: number
      /** From what closed a bar to its row, in milliseconds. */
      readonly p50: number
      readonly p99: number
    }
  /** Bars have come for that long: too short for a whole live minute. */
  | { readonly type: 'starting'; readonly seconds: number }
  /** The newest bar was closed so long ago; undefined when there is none of the last minutes. */
  | { readonly type: 'down'; readonly seconds: number | undefined }
  /** Bars keep coming, and none within a minute after its own. */
  | { readonly type: 'never-live'; readonly seconds: number }

/** A whole minute needs one before and one after, and the last is closed seconds after its end. */
const FIRST_LIVE_SECONDS = 240
const DOWN_SECONDS = 180

const rowSchema = z.tuple([
  z.object({
    minutes: z.coerce.number(),
    bars: z.coerce.number(),
    ticks: z.coerce.number(),
    p50: z.number().nullable(),
    p99: z.number().nullable(),
    is_fresh: z.boolean(),
    newest: z.number().nullable(),
    running: z.number().nullable(),
  }),
])

// What is played at full speed closes many minutes in one. A minute is live when half of its bars were closed within a
// minute after it, and half a minute or more after half of those of the minute before. The minute in which a history
// ends would be live by the first condition alone. `closed_at` of a correction is its own time, so first revisions count.
const LIVE_BARS = `
  WITH written AS (
    SELECT timestamp, trade_count, closed_at, written_at, revision FROM ohlcv_1min
    WHERE timestamp >= date_trunc('minute', now()) - interval '20 minutes'
    UNION ALL
    SELECT timestamp, trade_count, closed_at, written_at, revision FROM bar_revisions
    WHERE timestamp >= date_trunc('minute', now()) - interval '20 minutes'
  ), minutes AS (
    SELECT timestamp AS minute, percentile_disc(0.5) WITHIN GROUP (ORDER BY closed_at) AS closed
    FROM written WHERE revision = 1 GROUP BY timestamp
  ), live AS (
    SELECT minute FROM (SELECT *, lag(closed) OVER (ORDER BY minute) AS before FROM minutes) AS neighbours
    WHERE closed BETWEEN minute + interval '1 minute' AND minute + interval '2 minutes'
      AND closed >= before + interval '30 seconds'
      AND minute >= date_trunc('minute', now()) - interval '10 minutes'
      AND minute < date_trunc('minute', now()) - interval '1 minute'
  ), measured AS (
    SELECT minute, trade_count, extract(epoch FROM written_at - closed_at)::float8 * 1000 AS latency
    FROM written JOIN live ON minute = timestamp WHERE revision = 1
  ), runs AS (
    SELECT closed, coalesce(closed - lag(closed) OVER (ORDER BY closed) > interval '2 minutes', true) AS begins FROM minutes
  )
  SELECT count(DISTINCT minute) AS minutes, count(*) AS bars, coalesce(sum(trade_count), 0) AS ticks,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY latency) AS p50,
    percentile_disc(0.99) WITHIN GROUP (ORDER BY latency) AS p99,
    coalesce(max(minute) >= date_trunc('minute', now()) - interval '4 minutes', false) AS is_fresh,
    (SELECT extract(epoch FROM now() - max(closed_at))::float8 FROM written) AS newest,
    (SELECT extract(epoch FROM now() - max(closed) FILTER (WHERE begins))::float8 FROM runs) AS running
  FROM measured`

/** Reads what came live of late. */
export async function readLiveBars(client: Queryable): Promise<LiveBars> {
  const [row] = rowSchema.parse((await client.query(LIVE_BARS)).rows)
  const { minutes, bars, ticks, p50, p99, newest, running } = row
  if (row.is_fresh && p50 !== null && p99 !== null) return { type: 'live', minutes, bars, ticks, p50, p99 }
  if (newest === null || newest > DOWN_SECONDS) return { type: 'down', seconds: newest ?? undefined }
  const seconds = running ?? newest
  return { type: seconds > FIRST_LIVE_SECONDS ? 'never-live' : 'starting', seconds }
}

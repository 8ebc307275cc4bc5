import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'

const MINUTE_MS = 60_000

/** How far back symbols are looked at, in minutes. */
export const LOOK_BACK_MINUTES = 60

const activitySchema = z.tuple([
  z.object({ active: z.coerce.number(), silent: z.coerce.number(), neighbours: z.coerce.number() }),
])

/** Symbols that trade continuously, and those of them that have stopped. */
export type Activity = {
  readonly active: number
  readonly silent: number
  /** The most silent ones that follow each other in the order of the hash keys, by which a stream gives symbols to shards. */
  readonly neighbours: number
}

// $1 an hour ago, $2 now, $3 a newer bar than that is not silent, $4 which symbols, null for all. Active is a symbol with a bar in at least every second
// minute, from its first in the hour to its last: one that trades rarely is indistinguishable from one that has stopped.
// The hash key of a record is the MD5 of its partition key, the symbol.
const ACTIVITY = `
  WITH active AS (
    SELECT newest < $3 AS is_silent, row_number() OVER (ORDER BY md5(symbols.symbol) COLLATE "C") AS place
    FROM symbols CROSS JOIN LATERAL (
      SELECT count(*) AS bars, min(timestamp) AS oldest, max(timestamp) AS newest FROM ohlcv_1min AS bar
      WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
    ) AS recent
    WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND ($4::text[] IS NULL OR symbols.symbol = ANY ($4))
      AND bars >= 5 AND 120 * bars >= extract(epoch FROM newest - oldest) + 60
  ), silent AS (
    SELECT place - row_number() OVER (ORDER BY place) AS run FROM active WHERE is_silent
  )
  SELECT count(*) AS active, count(*) FILTER (WHERE is_silent) AS silent,
    coalesce((SELECT max(length) FROM (SELECT count(*) AS length FROM silent GROUP BY run) AS runs), 0) AS neighbours
  FROM active`

/** Counts them at a time (Unix milliseconds). */
export async function recentActivity(
  database: Queryable,
  now: number,
  {
    silentAfterMs,
    symbols,
  }: { readonly silentAfterMs: number; readonly symbols?: readonly string[] | undefined },
): Promise<Activity> {
  const times = [now - LOOK_BACK_MINUTES * MINUTE_MS, now, now - silentAfterMs].map((time) => new Date(time))
  return activitySchema.parse((await database.query(ACTIVITY, [...times, symbols ?? null])).rows)[0]
}

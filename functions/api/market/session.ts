import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import { startOfDay, type TimeZone } from '../bars/timeframes.ts'
import { DAY_MS } from '../http/times.ts'

/** The day of the newest bar, as far as it has come. */
export type Session = {
  /** Unix milliseconds of the day's start, in the time zone asked for. */
  readonly start: number
  /** Unix milliseconds of the newest minute of any symbol. */
  readonly newest: number
}

/** How far back a session is looked for where all bars of the last day were withdrawn: over a long holiday. */
const LOOK_BACK_MS = 14 * DAY_MS

const lastDaySchema = z.tuple([z.object({ start: z.date().nullable(), end: z.date().nullable() })])
const sessionSchema = z.array(z.object({ newest: z.date() }))

const LAST_DAY = `
  SELECT max(last_day)::timestamp AT TIME ZONE 'UTC' AS start, (max(last_day) + 1)::timestamp AT TIME ZONE 'UTC' AS end
  FROM symbols`

const NEWEST = `
  SELECT max(timestamp) AS newest
  FROM symbols CROSS JOIN LATERAL (
    SELECT timestamp FROM ohlcv_1min AS bar
    WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp < $2 AND NOT withdrawn
    ORDER BY timestamp DESC LIMIT 1
  ) AS newest
  WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
  HAVING max(timestamp) IS NOT NULL`

/** Finds the session; undefined when there are no bars. */
export async function findSession(database: Queryable, zone: TimeZone): Promise<Session | undefined> {
  const [{ start, end }] = lastDaySchema.parse((await database.query(LAST_DAY)).rows)
  if (start === null || end === null) return undefined
  const newestSince = async (since: Date): Promise<z.infer<typeof sessionSchema>[number] | undefined> =>
    sessionSchema.parse((await database.query(NEWEST, [since, end])).rows)[0]
  // All bars of the last day may have been withdrawn.
  const found = (await newestSince(start)) ?? (await newestSince(new Date(end.getTime() - LOOK_BACK_MS)))
  const newest = found?.newest.getTime()
  return newest === undefined ? undefined : { start: startOfDay(zone, newest), newest }
}

import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import { DAY_MS } from '../http/times.ts'
import { findSession } from '../market/session.ts'

const newestSchema = z.tuple([z.object({ newest: z.date().nullable() })])

const NEWEST_BEFORE = `
  SELECT max(timestamp) AS newest
  FROM symbols CROSS JOIN LATERAL (
    SELECT timestamp FROM ohlcv_1min AS bar
    WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
    ORDER BY timestamp DESC LIMIT 1
  ) AS newest
  WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date`

/**
 * The newest minute that has begun, in Unix milliseconds; undefined without any. Bars of the future, which a clock that
 * was ahead has left, say nothing about whether bars come now: where there are any, only a day is looked back.
 */
export async function newestBar(database: Queryable, now: number): Promise<number | undefined> {
  const newest = (await findSession(database, 'UTC'))?.newest
  if (newest === undefined || newest <= now) return newest
  const span = [new Date(now - DAY_MS), new Date(now)]
  const [found] = newestSchema.parse((await database.query(NEWEST_BEFORE, span)).rows)
  return found.newest?.getTime()
}

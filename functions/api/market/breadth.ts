import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { zoneParameter } from '../bars/bar-parameters.ts'
import { DAY_MS } from '../http/times.ts'
import { endpoint } from '../endpoint.ts'
import { findSession } from './session.ts'

const countsSchema = z.tuple([
  z.object({
    symbols: z.coerce.number(),
    advancing: z.coerce.number(),
    declining: z.coerce.number(),
    unchanged: z.coerce.number(),
    above_sma20: z.coerce.number(),
    with_sma20: z.coerce.number(),
  }),
])

// $1 start of the session, $2 its newest minute, $3 how far back the average may reach: a day before the session. Given
// as a value: the planner cannot tell the partitions of a time that it would have to compute.
const BREADTH = `
  SELECT count(*) AS symbols,
    count(*) FILTER (WHERE recent.closes[1] > first.open) AS advancing,
    count(*) FILTER (WHERE recent.closes[1] < first.open) AS declining,
    count(*) FILTER (WHERE recent.closes[1] = first.open) AS unchanged,
    count(*) FILTER (WHERE cardinality(recent.closes) = 20) AS with_sma20,
    count(*) FILTER (
      WHERE cardinality(recent.closes) = 20
        AND 20 * recent.closes[1] > (SELECT sum(close) FROM unnest(recent.closes) AS close)
    ) AS above_sma20
  FROM symbols
  CROSS JOIN LATERAL (
    SELECT open FROM ohlcv_1min AS bar
    WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
    ORDER BY timestamp LIMIT 1
  ) AS first
  CROSS JOIN LATERAL (
    SELECT ARRAY(
      SELECT close FROM ohlcv_1min AS bar
      WHERE bar.symbol = symbols.symbol AND timestamp >= $3 AND timestamp <= $2 AND NOT withdrawn
      ORDER BY timestamp DESC LIMIT 20
    ) AS closes
  ) AS recent
  WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date`

/** How many symbols rise and fall. */
export const breadth = endpoint({
  path: '/v1/breadth',
  summary: 'How many symbols rise and fall',
  description:
    "Symbols with bars in the session, which is the day of the newest bar: those above, below and at the open of their first bar, and the share that is above the average of its last 20 minutes' closes (null when no symbol has 20).",
  parameters: z.object({
    tz: zoneParameter('Whose day'),
  }),
  answer: z
    .object({
      session_start: timeSchema.nullable(),
      last_updated: timeSchema.nullable(),
      symbols: z.int(),
      advancing: z.int(),
      declining: z.int(),
      unchanged: z.int(),
      with_sma20: z.int(),
      above_sma20: z.int(),
      share_above_sma20: z.number().min(0).max(1).nullable(),
    })
    .openapi('Breadth'),
  lists: 'nothing',
  read: async ({ tz }, { database }) => {
    const session = await findSession(database, tz)
    const times = session && [session.start, session.newest, session.start - DAY_MS]
    const [counts] = times
      ? countsSchema.parse((await database.query(BREADTH, times.map(dateOf))).rows)
      : [{ symbols: 0, advancing: 0, declining: 0, unchanged: 0, with_sma20: 0, above_sma20: 0 }]
    return {
      json: () => ({
        session_start: session ? timeText(session.start / 1000) : null,
        last_updated: session ? timeText(session.newest / 1000) : null,
        ...counts,
        share_above_sma20: counts.with_sma20 === 0 ? null : counts.above_sma20 / counts.with_sma20,
      }),
      lifetime: 'live',
    }
  },
})

function dateOf(milliseconds: number): Date {
  return new Date(milliseconds)
}

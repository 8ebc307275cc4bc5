import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import type { Session } from './session.ts'

const rowsSchema = z.array(
  z.object({ symbol: z.string(), volume: z.string(), trade_count: z.coerce.number() }),
)

/** What was traded of a symbol in a session; the volume is an exact decimal. */
type Activity = Readonly<z.infer<typeof rowsSchema>[number]>

// $1 start of the session, $2 its newest minute, $3 how many.
function traded(order: string): string {
  return `
  SELECT symbol, trim_scale(sum.volume) AS volume, sum.trade_count
  FROM symbols
  CROSS JOIN LATERAL (
    SELECT sum(volume) AS volume, sum(trade_count) AS trade_count
    FROM ohlcv_1min AS bar
    WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
  ) AS sum
  WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND sum.trade_count IS NOT NULL
  ORDER BY ${order} DESC, symbol LIMIT $3`
}

const MOST = { volume: traded('sum.volume'), trades: traded('sum.trade_count') } as const

/** Reads what was traded most in a session, the most first. */
export async function mostActive(
  database: Queryable,
  { start, newest }: Session,
  { by, top }: { readonly by: keyof typeof MOST; readonly top: number },
): Promise<readonly Activity[]> {
  const { rows } = await database.query(MOST[by], [new Date(start), new Date(newest), top])
  return rowsSchema.parse(rows)
}

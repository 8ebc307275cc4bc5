import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { zoneParameter } from '../bars/bar-parameters.ts'
import { endpoint } from '../endpoint.ts'
import { decimalSchema, type NumberFormat } from '../http/numbers.ts'
import { numbersParameter, wholeNumber } from '../http/parameters.ts'
import { type ColumnOf, tableOf } from '../http/table.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { findSession, type Session } from './session.ts'

const MAX_TOP = 50

const rowsSchema = z.array(
  z.object({
    side: z.enum(['gainers', 'losers']),
    symbol: z.string(),
    price: z.string(),
    change: z.string(),
    percent_change: z.string(),
  }),
)

/** What rose or fell, with exact decimals. */
export type Mover = z.infer<typeof rowsSchema>[number]

// $1 start of the session, $2 its newest minute, $3 how many.
const MOVERS = `
  WITH moved AS (
    SELECT symbol, last.close AS price, trim_scale(last.close - first.open) AS change,
      CASE WHEN first.open > 0 THEN trim_scale(round(100 * (last.close - first.open) / first.open, 4)) END
        AS percent_change
    FROM symbols
    CROSS JOIN LATERAL (
      SELECT open FROM ohlcv_1min AS bar
      WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
      ORDER BY timestamp LIMIT 1
    ) AS first
    CROSS JOIN LATERAL (
      SELECT close FROM ohlcv_1min AS bar
      WHERE bar.symbol = symbols.symbol AND timestamp >= $1 AND timestamp <= $2 AND NOT withdrawn
      ORDER BY timestamp DESC LIMIT 1
    ) AS last
    WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
  )
  (SELECT 'gainers' AS side, * FROM moved WHERE percent_change > 0 ORDER BY percent_change DESC, symbol LIMIT $3)
  UNION ALL
  (SELECT 'losers', * FROM moved WHERE percent_change < 0 ORDER BY percent_change, symbol LIMIT $3)`

const moverSchema = z
  .object({ symbol: z.string(), price: decimalSchema, change: decimalSchema, percent_change: decimalSchema })
  .openapi('Mover')

const COLUMNS: readonly ColumnOf<Mover>[] = [
  ['side', 'text', ({ side }) => side],
  ['symbol', 'text', ({ symbol }) => symbol],
  ['price', 'decimal', ({ price }) => price],
  ['change', 'decimal', ({ change }) => change],
  ['percent_change', 'decimal', (row) => row.percent_change],
]

/** What rose and fell most in the session. */
export const movers = endpoint({
  path: '/v1/movers',
  summary: 'What rose and fell most',
  description:
    "From the open of the session's first bar to the close of its last; the session is the day of the newest bar. Percent to 4 decimals; a symbol whose open was zero or less has none, and is left out.",
  parameters: z.object({
    top: wholeNumber({ max: MAX_TOP, fallback: 10, allowed: `a whole number from 1 to ${MAX_TOP}` }).openapi({
      type: 'integer',
      minimum: 1,
      maximum: MAX_TOP,
      default: 10,
      description: 'How many of each',
    }),
    tz: zoneParameter('Whose day'),
    numbers: numbersParameter,
  }),
  answer: z
    .object({
      session_start: timeSchema.nullable(),
      last_updated: timeSchema.nullable(),
      gainers: z.array(moverSchema),
      losers: z.array(moverSchema),
    })
    .openapi('Movers'),
  lists: 'rows',
  read: async ({ top, tz, numbers }, { database }) => {
    const session = await findSession(database, tz)
    const rows = session ? await readMovers(database, session, top) : []
    const onSide = (side: Mover['side']) =>
      rows.filter((row) => row.side === side).map((row) => view(row, numbers))
    return {
      json: () => ({
        session_start: session ? timeText(session.start / 1000) : null,
        last_updated: session ? timeText(session.newest / 1000) : null,
        gainers: onSide('gainers'),
        losers: onSide('losers'),
      }),
      table: () => tableOf(rows, COLUMNS),
      lifetime: 'live',
    }
  },
})

/** Reads what rose and fell most in a session, the most first. */
export async function readMovers(
  database: Queryable,
  { start, newest }: Session,
  top: number,
): Promise<readonly Mover[]> {
  return rowsSchema.parse((await database.query(MOVERS, [new Date(start), new Date(newest), top])).rows)
}

function view({ symbol, price, change, percent_change: percent }: Mover, number: NumberFormat) {
  return { symbol, price: number(price), change: number(change), percent_change: number(percent) }
}

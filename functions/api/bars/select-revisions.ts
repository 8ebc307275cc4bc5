import * as z from 'zod'

import type { Queryable } from '../../shared/postgres/database.ts'
import type { Span } from '../page/read-plan.ts'
import type { Timeframe } from '../../domain/calendar/timeframe.ts'
import { barGrid, type Given, iso } from './bar-grid.ts'
import { LATER_MS, partsOf, rolledUp, VALUES, versionsKnown } from './roll-up.ts'
import { barRowSchema } from './bar-row.ts'
import { longest, type TimeZone } from './timeframes.ts'

const rowsSchema = z.array(
  barRowSchema.extend({ closed: z.date(), written: z.date(), withdrawn: z.boolean() }),
)

/** A revision of a bar, when it closed and when it was written. */
export type RevisionRow = Readonly<z.infer<typeof rowsSchema>[number]>

/** Which revisions of a symbol's bars. */
export type RevisionQuery = Span & {
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly zone: TimeZone
  /** The last bar and revision given. */
  readonly after: { readonly time: number; readonly revision: number }
  readonly limit: number
}

/** Reads revisions by bar, then revision. */
export async function selectRevisions(database: Queryable, query: RevisionQuery): Promise<RevisionRow[]> {
  const values: unknown[] = []
  const given = (value: unknown, type: string): string => `$${values.push(value)}::${type}`
  const [revisions, order] =
    query.timeframe.name === '1Min'
      ? [corrected(query, given), 'revision']
      : [states(query, given), 'written']
  const text = `
    SELECT ${given(query.symbol, 'text')} AS symbol, extract(epoch FROM timestamp)::bigint AS time, ${VALUES}, closed, written
    FROM (${revisions}) AS version
    WHERE (timestamp, revision) > (${given(iso(query.after.time), 'timestamptz')}, ${given(query.after.revision, 'integer')})
    ORDER BY timestamp, ${order} LIMIT ${given(query.limit, 'bigint')}`
  return rowsSchema.parse((await database.query(text, values)).rows)
}

/** All revisions of the minutes that have more than one. */
function corrected({ symbol, from, to }: RevisionQuery, given: Given): string {
  const which = `symbol = ${given(symbol, 'text')} AND ${within('timestamp', { from, to }, given)}`
  const columns = `timestamp, ${VALUES}, closed_at AS closed, written_at AS written`
  return `
    SELECT ${columns} FROM ohlcv_1min WHERE ${which} AND revision > 1
    UNION ALL SELECT ${columns} FROM bar_revisions WHERE ${which} AND revision > 0`
}

/**
 * All states of longer bars, one for each time at which a minute in them was written. The lateral query keeps the order of
 * the times, so that Postgres stops at the limit.
 */
function states({ symbol, timeframe, zone, after, ...span }: RevisionQuery, given: Given): string {
  const reach = longest(timeframe) + LATER_MS
  const grid = barGrid({ timeframe, zone }, { from: span.from, to: span.to + reach }, given)
  const start = grid.startOf('timestamp')
  const ofSymbol = `symbol = ${given(symbol, 'text')}`
  const minutes = within('timestamp', { from: span.from, to: span.to + longest(timeframe) }, given)
  const known = `${ofSymbol} AND ${within('timestamp', { from: span.from, to: span.to + reach }, given)}
    AND timestamp >= event.start AND timestamp < event.start + ${given(`${reach / 1000} seconds`, 'interval')}
    AND written_at <= event.written`
  const bars = rolledUp(grid, {
    parts: partsOf(versionsKnown(known), grid.startOf),
    knownAt: 'event.written',
  })
  const times = (table: string): string =>
    `SELECT ${start} AS start, written_at, closed_at FROM ${table} WHERE ${ofSymbol} AND ${minutes}`
  return `
    SELECT bar.*, closed, written FROM (
      SELECT start, written_at AS written, max(closed_at) AS closed
      FROM (${times('ohlcv_1min')} UNION ALL ${times('bar_revisions')}) AS version
      WHERE ${within('start', span, given)} AND start >= ${given(iso(after.time), 'timestamptz')}
      GROUP BY start, written_at ORDER BY start, written_at
    ) AS event
    CROSS JOIN LATERAL (SELECT * FROM (${bars}) AS rolled WHERE timestamp = event.start) AS bar`
}

function within(time: string, { from, to }: Span, given: Given): string {
  return `${time} >= ${given(iso(from), 'timestamptz')} AND ${time} < ${given(iso(to), 'timestamptz')}`
}

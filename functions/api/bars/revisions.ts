import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import { minuteParameters, symbolParameter } from '../http/parameters.ts'
import { fitPage } from '../page/fit.ts'
import { withinKnownDays } from '../page/known-days.ts'
import { placeTime } from '../page/page-token.ts'
import { pagingOf } from '../page/paging.ts'
import { walk } from '../page/walk.ts'
import { lifetimeOf } from '../page/window.ts'
import { barSchema, barSize, barTable, barView, timeSchema } from './bar-view.ts'
import { barRowSchema } from './select-bars.ts'

const placeSchema = z.object({ time: placeTime, revision: z.int32().min(1) })

/** Where a page ends that has looked at all of a minute. */
const ALL_REVISIONS = 2 ** 31 - 1

/** Characters of the two times that a revision has beside its bar's. */
const TIMES_SIZE = 90

const rowsSchema = z.array(barRowSchema.extend({ closed: z.date(), written: z.date() }))

const COLUMNS = `symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at, written_at`

// $1 symbol, $2 from, $3 to, $4 and $5 the last minute and revision given, $6 limit.
const REVISIONS = `
  SELECT symbol, extract(epoch FROM timestamp)::bigint AS time, open, high, low, close, volume, vwap, trade_count,
    revision, closed_at AS closed, written_at AS written
  FROM (
    SELECT ${COLUMNS} FROM bar_revisions WHERE symbol = $1 AND timestamp >= $2 AND timestamp < $3
    UNION ALL
    SELECT ${COLUMNS} FROM ohlcv_1min WHERE symbol = $1 AND timestamp >= $2 AND timestamp < $3 AND revision > 1
  ) AS version
  WHERE (timestamp, revision) > ($4::timestamptz, $5::integer)
  ORDER BY timestamp, revision LIMIT $6`

/** What was corrected, and when. */
export const revisions = endpoint({
  path: '/v1/bars/{symbol}/revisions',
  summary: 'Corrections of bars',
  description:
    'Every revision of the 1-minute bars that were corrected, oldest first: what each said, when it closed and when it was written. A revision that a higher one overtook before it was written was never seen and is not here.',
  parameters: z.object({
    symbol: symbolParameter,
    ...minuteParameters,
  }),
  answer: z
    .object({
      symbol: z.string(),
      revisions: z.array(
        barSchema.extend({ closed_at: timeSchema, written_at: timeSchema }).openapi('BarRevision'),
      ),
      next_page_token: z.string().nullable(),
    })
    .openapi('BarRevisions'),
  lists: 'rows',
  read: async ({ symbol, limit, numbers, ...asked }, { database, now }) => {
    const paging = pagingOf(['revisions', symbol], { asked, place: placeSchema, now: now() })
    const { span, after, tokenOf } = paging
    const given = { time: after?.time ?? span.from, revision: after?.revision ?? 0 }
    const within = await withinKnownDays(database, { from: given.time, to: span.to }, [symbol])
    const { rows: found, reached } = await walk(within, {
      direction: 'asc',
      limit,
      now,
      read: async ({ from, to }, wanted) => {
        const values = [symbol, new Date(from), new Date(to), new Date(given.time), given.revision, wanted]
        return rowsSchema.parse((await database.query(REVISIONS, values)).rows)
      },
    })
    const { rows, isCut } = fitPage(found, { limit, sizeOf: (row) => barSize(row) + TIMES_SIZE })
    const next = isCut ? placeOf(rows.at(-1)) : placeAt(reached)
    const nextPageToken = next === undefined ? null : tokenOf(next)
    const table = barTable(rows)
    const times = rows.map(({ closed, written }) => ({
      closed_at: closed.toISOString(),
      written_at: written.toISOString(),
    }))
    return {
      json: {
        symbol,
        revisions: rows.map((row, index) => ({ ...barView(row, numbers), ...times[index] })),
        next_page_token: nextPageToken,
      },
      table: {
        columns: [...table.columns, 'closed_at', 'written_at'],
        rows: [...table.rows].map((cells, index) => [...cells, ...Object.values(times[index] ?? {})]),
      },
      nextPageToken,
      lifetime: lifetimeOf(span, undefined, now()),
    }
  },
})

function placeOf(row: z.infer<typeof rowsSchema>[number] | undefined) {
  return row && { time: row.time * 1000, revision: row.revision }
}

function placeAt(time: number | undefined) {
  return time === undefined ? undefined : { time, revision: ALL_REVISIONS }
}

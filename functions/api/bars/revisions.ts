import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import {
  described,
  limitParameter,
  numbersParameter,
  pageTokenParameter,
  symbolParameter,
} from '../http/parameters.ts'
import { pageTokens, placeTime } from '../page/page-token.ts'
import { lifetimeOf, spanOf } from '../page/window.ts'
import { barSchema, barTable, barView, timeSchema } from './bar-view.ts'
import { barRowSchema } from './select-bars.ts'

const placeSchema = z.object({ time: placeTime, revision: z.int32(), from: placeTime, to: placeTime })

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
    start: described('From this minute on; a day before `end` by default'),
    end: described('Up to this minute; now by default'),
    limit: limitParameter,
    page_token: pageTokenParameter,
    numbers: numbersParameter,
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
  read: async ({ symbol, start, end, limit, page_token: token, numbers }, { database, now }) => {
    const tokens = pageTokens(['revisions', symbol, start, end], placeSchema)
    const place = token === undefined ? undefined : tokens.decode(token)
    const { from, to } = place ?? spanOf({ start, end }, now())
    const after = [new Date(place?.time ?? from), place?.revision ?? 0]
    const result = await database.query(REVISIONS, [
      symbol,
      new Date(from),
      new Date(to),
      ...after,
      limit + 1,
    ])
    const found = rowsSchema.parse(result.rows)
    const rows = found.slice(0, limit)
    const last = found.length > limit ? rows.at(-1) : undefined
    const nextPageToken = last
      ? tokens.encode({ time: last.time * 1000, revision: last.revision, from, to })
      : null
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
      lifetime: lifetimeOf({ from, to }, undefined, now()),
    }
  },
})

import { z } from '@hono/zod-openapi'

import { timeSchema, timeText } from '../bars/bar-view.ts'
import { endpoint } from '../endpoint.ts'
import { limitParameter, pageTokenParameter } from '../http/parameters.ts'
import { pageTokens, placeSymbol } from '../page/page-token.ts'

const rowsSchema = z.array(
  z.object({ symbol: z.string(), first: z.coerce.number(), last: z.coerce.number() }),
)

const tokens = pageTokens(['symbols'], placeSymbol)

const SYMBOLS = `
  WITH page AS (SELECT * FROM symbols WHERE $1::text IS NULL OR symbol > $1 ORDER BY symbol LIMIT $2)
  SELECT symbol, extract(epoch FROM first.timestamp)::bigint AS first, extract(epoch FROM last.timestamp)::bigint AS last
  FROM page
  CROSS JOIN LATERAL (
    SELECT timestamp FROM ohlcv_1min AS bar WHERE bar.symbol = page.symbol
      AND timestamp >= first_day::timestamp AT TIME ZONE 'UTC' ORDER BY timestamp LIMIT 1
  ) AS first
  CROSS JOIN LATERAL (
    SELECT timestamp FROM ohlcv_1min AS bar WHERE bar.symbol = page.symbol
      AND timestamp < (last_day + 1)::timestamp AT TIME ZONE 'UTC' ORDER BY timestamp DESC LIMIT 1
  ) AS last
  ORDER BY symbol`

/** All symbols there are bars of. */
export const symbols = endpoint({
  path: '/v1/symbols',
  summary: 'Symbols',
  description: 'All symbols that have bars, in alphabetical order, with their first and last bars.',
  parameters: z.object({ limit: limitParameter, page_token: pageTokenParameter }),
  answer: z
    .object({
      symbols: z.array(
        z.object({ symbol: z.string(), first: timeSchema, last: timeSchema }).openapi('Symbol'),
      ),
      next_page_token: z.string().nullable(),
    })
    .openapi('Symbols'),
  lists: 'rows',
  read: async ({ limit, page_token: token }, { database }) => {
    const after = token === undefined ? null : tokens.decode(token)
    const found = rowsSchema.parse((await database.query(SYMBOLS, [after, limit + 1])).rows)
    const rows = found
      .slice(0, limit)
      .map(({ symbol, first, last }) => ({ symbol, first: timeText(first), last: timeText(last) }))
    const end = found.length > limit ? rows.at(-1) : undefined
    const nextPageToken = end === undefined ? null : tokens.encode(end.symbol)
    return {
      json: { symbols: rows, next_page_token: nextPageToken },
      table: {
        columns: ['symbol', 'first', 'last'],
        rows: rows.map(({ symbol, first, last }) => [symbol, first, last]),
      },
      nextPageToken,
      lifetime: 'live',
    }
  },
})

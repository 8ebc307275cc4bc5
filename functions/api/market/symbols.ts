import { z } from '@hono/zod-openapi'

import { timeSchema, timeText } from '../bars/bar-view.ts'
import { endpoint } from '../endpoint.ts'
import { limitParameter, pageTokenParameter } from '../http/parameters.ts'
import { pageTokens, placeSymbol } from '../page/page-token.ts'
import { readSymbols } from './read-symbols.ts'

const tokens = pageTokens(['symbols'], placeSymbol)

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
  read: async ({ limit, page_token: token }, sources) => {
    const after = token === undefined ? undefined : tokens.decode(token)
    const { found, next } = await readSymbols(sources, { after, limit })
    const rows = found.map(({ symbol, first, last }) => ({
      symbol,
      first: timeText(first),
      last: timeText(last),
    }))
    const nextPageToken = next === undefined ? null : tokens.encode(next)
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

import { z } from '@hono/zod-openapi'

import { timeSchema } from '../bars/bar-view.ts'
import { timeText } from '../http/time-text.ts'
import { type Answer, endpoint } from '../endpoint.ts'
import { type ColumnOf, tableOf } from '../http/table.ts'
import { limitParameter, pageTokenParameter } from '../http/parameters.ts'
import { shortened } from '../page/fit.ts'
import { pageTokens, placeSymbol } from '../page/page-token.ts'
import { type KnownSymbol, readSymbols } from './read-symbols.ts'

const tokens = pageTokens(['symbols'], placeSymbol)

const COLUMNS: readonly ColumnOf<KnownSymbol>[] = [
  ['symbol', 'text', ({ symbol }) => symbol],
  ['first', 'second', ({ first }) => first * 1000],
  ['last', 'second', ({ last }) => last * 1000],
]

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
    const answer = (most: number): Answer => {
      const rows = found.slice(0, most)
      const last = rows.length < found.length ? rows.at(-1)?.symbol : next
      const nextPageToken = last === undefined ? null : tokens.encode(last)
      return {
        json: () => ({
          symbols: rows.map(({ symbol, first: from, last: to }) => ({
            symbol,
            first: timeText(from),
            last: timeText(to),
          })),
          next_page_token: nextPageToken,
        }),
        table: () => tableOf(rows, COLUMNS),
        nextPageToken,
        lifetime: 'live',
        ...shortened(rows.length, answer),
      }
    }
    return answer(limit)
  },
})

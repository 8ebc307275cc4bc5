import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import { symbolsParameter } from '../http/parameters.ts'
import { answerBars } from './answer-bars.ts'
import { barParameters } from './bar-parameters.ts'
import { barSchema, barView } from './bar-view.ts'

/** Bars of several symbols. */
export const bars = endpoint({
  path: '/v1/bars',
  summary: 'Bars of several symbols',
  description: 'By symbol, then time. Larger timeframes are rolled up from the 1-minute bars, exactly.',
  parameters: z.object({ symbols: symbolsParameter, ...barParameters }),
  answer: z
    .object({ bars: z.record(z.string(), z.array(barSchema)), next_page_token: z.string().nullable() })
    .openapi('Bars'),
  lists: 'rows',
  read: ({ symbols, ...given }, sources) =>
    answerBars(symbols, given, {
      sources,
      shape: (rows, nextPageToken) => ({
        bars: bySymbol(rows, (row) => barView(row, given.numbers)),
        next_page_token: nextPageToken,
      }),
    }),
})

/** Lists under the names of their symbols; symbols without any are left out. */
export function bySymbol<Row extends { readonly symbol: string }, View>(
  rows: readonly Row[],
  view: (row: Row) => View,
): Record<string, View[]> {
  const lists = new Map<string, View[]>()
  for (const row of rows) {
    const list = lists.get(row.symbol)
    if (list === undefined) lists.set(row.symbol, [view(row)])
    else list.push(view(row))
  }
  return Object.fromEntries(lists)
}

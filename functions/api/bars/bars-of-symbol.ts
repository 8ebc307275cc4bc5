import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import { symbolParameter } from '../http/parameters.ts'
import { answerBars } from './answer-bars.ts'
import { barParameters } from './bar-parameters.ts'
import { barSchema, barView } from './bar-view.ts'

/** Bars of one symbol. */
export const barsOfSymbol = endpoint({
  path: '/v1/bars/{symbol}',
  summary: 'Bars of one symbol',
  description: 'As /v1/bars, with the bars in one list.',
  parameters: z.object({ symbol: symbolParameter, ...barParameters }),
  answer: z
    .object({ symbol: z.string(), bars: z.array(barSchema), next_page_token: z.string().nullable() })
    .openapi('BarsOfSymbol'),
  lists: 'rows',
  read: ({ symbol, ...given }, sources) =>
    answerBars([symbol], given, {
      sources,
      shape: (rows, nextPageToken) => ({
        symbol,
        bars: rows.map((row) => barView(row, given.numbers)),
        next_page_token: nextPageToken,
      }),
    }),
})

import { z } from '@hono/zod-openapi'

import { type Answer, endpoint } from '../endpoint.ts'
import { minuteParameters, symbolParameter } from '../http/parameters.ts'
import { escapedLength, shortened } from '../page/fit.ts'
import { lifetimeOf } from '../page/window.ts'
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import { readIndicators } from './read-indicators.ts'

/** Indicators of one symbol over time. */
export const indicators = endpoint({
  path: '/v1/indicators/{symbol}',
  summary: 'Indicators of one symbol',
  description: 'Oldest first. The limit counts minutes, in the long form too.',
  parameters: z.object({
    symbol: symbolParameter,
    ...indicatorParameters,
    ...minuteParameters,
  }),
  answer: z
    .object({ symbol: z.string(), indicators: indicatorsSchema, next_page_token: z.string().nullable() })
    .openapi('IndicatorsOfSymbol'),
  lists: 'rows',
  read: async ({ symbol, names, form, limit, numbers, ...asked }, sources) => {
    const { views, table } = FORMS[form]
    const { page, span } = await readIndicators(sources, {
      symbol,
      names,
      direction: 'asc',
      limit,
      asked,
      sizeOf: (row) => escapedLength(views(row, numbers)),
    })
    const answer = (most: number): Answer => {
      const { rows, nextPageToken } = page(most)
      return {
        json: () => ({
          symbol,
          indicators: rows.flatMap((row) => views(row, numbers)),
          next_page_token: nextPageToken,
        }),
        table: () => table(rows, names ?? sources.indicators),
        nextPageToken,
        lifetime: lifetimeOf(span, undefined, sources.now()),
        ...shortened(rows.length, answer),
      }
    }
    return answer(limit)
  },
})

import { z } from '@hono/zod-openapi'

import { computeIndicators } from '../computed/compute-indicators.ts'
import { areStored, askedIn, cutQuery, cutsOf, signalParameters } from '../computed/signal-parameters.ts'
import { type Answer, endpoint } from '../endpoint.ts'
import { symbolParameter } from '../http/parameters.ts'
import { escapedLength, shortened } from '../page/fit.ts'
import { lifetimeOf } from '../page/window.ts'
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import type { IndicatorRow } from './select-indicators.ts'
import { readIndicators } from './read-indicators.ts'

/** Indicators of one symbol over time. */
export const indicators = endpoint({
  path: '/v1/indicators/{symbol}',
  summary: 'Indicators of one symbol',
  description:
    'The limit counts bars, in the long form too. Those of another timeframe or session are computed from its bars as they are now, once a bar is over: `names` may then be any that docs/indicators.md lists, and `obv`, which counts from the first bar of the symbol, is there only where it is named.',
  parameters: z.object({
    symbol: symbolParameter,
    ...indicatorParameters,
    ...signalParameters,
  }),
  answer: z
    .object({ symbol: z.string(), indicators: indicatorsSchema, next_page_token: z.string().nullable() })
    .openapi('IndicatorsOfSymbol'),
  lists: 'rows',
  read: async ({ symbol, names, form, limit, numbers, ...given }, sources) => {
    const { views, table } = FORMS[form]
    const query = {
      symbol,
      names,
      direction: given.sort,
      limit,
      asked: askedIn(given),
      sizeOf: (row: IndicatorRow) => escapedLength(views(row, numbers)),
    }
    const { page, span } = areStored(given)
      ? await readIndicators(sources, query)
      : await computeIndicators(sources, {
          ...query,
          cut: cutsOf(given, [symbol], sources)(symbol),
          cutName: cutQuery(given),
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

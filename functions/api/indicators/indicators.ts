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
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import { indicatorColumns, selectIndicators } from './select-indicators.ts'

const placeSchema = z.object({ time: placeTime, from: placeTime, to: placeTime })

const INDICATORS = `
  SELECT ${indicatorColumns('$4::text[]')} FROM indicator_values AS stored
  WHERE symbol = $1 AND timestamp >= $2 AND timestamp < $3 AND timeframe = '1Min'
  ORDER BY timestamp LIMIT $5`

/** Indicators of one symbol over time. */
export const indicators = endpoint({
  path: '/v1/indicators/{symbol}',
  summary: 'Indicators of one symbol',
  description: 'Oldest first. The limit counts minutes, in the long form too.',
  parameters: z.object({
    symbol: symbolParameter,
    ...indicatorParameters,
    start: described('From this minute on; a day before `end` by default'),
    end: described('Up to this minute; now by default'),
    limit: limitParameter,
    page_token: pageTokenParameter,
    numbers: numbersParameter,
  }),
  answer: z
    .object({ symbol: z.string(), indicators: indicatorsSchema, next_page_token: z.string().nullable() })
    .openapi('IndicatorsOfSymbol'),
  lists: 'rows',
  read: async ({ symbol, names, form, limit, numbers, ...given }, { database, now }) => {
    const tokens = pageTokens(['indicators', symbol, given.start, given.end], placeSchema)
    const place = given.page_token === undefined ? undefined : tokens.decode(given.page_token)
    const { from, to } = place ?? spanOf(given, now())
    const begin = new Date(place === undefined ? from : place.time + 1)
    const found = await selectIndicators(database, INDICATORS, [
      symbol,
      begin,
      new Date(to),
      names ?? null,
      limit + 1,
    ])
    const rows = found.slice(0, limit)
    const last = found.length > limit ? rows.at(-1) : undefined
    const nextPageToken = last === undefined ? null : tokens.encode({ time: last.time * 1000, from, to })
    return {
      json: {
        symbol,
        indicators: rows.flatMap((row) => FORMS[form].views(row, numbers)),
        next_page_token: nextPageToken,
      },
      table: FORMS[form].table(rows),
      nextPageToken,
      lifetime: lifetimeOf({ from, to }, undefined, now()),
    }
  },
})

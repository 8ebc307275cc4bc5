import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import { minuteParameters, symbolParameter } from '../http/parameters.ts'
import { escapedLength, fitPage } from '../page/fit.ts'
import { withinKnownDays } from '../page/known-days.ts'
import { placeTime } from '../page/page-token.ts'
import { pagingOf } from '../page/paging.ts'
import { walk } from '../page/walk.ts'
import { lifetimeOf } from '../page/window.ts'
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import { HAS_VALUES, indicatorColumns, type IndicatorRow, selectIndicators } from './select-indicators.ts'

const placeSchema = z.object({ time: placeTime })

const INDICATORS = `
  SELECT ${indicatorColumns('$4::text[]')} FROM indicator_values AS stored
  WHERE symbol = $1 AND timestamp >= $2 AND timestamp < $3 AND timeframe = '1Min'
    AND ${HAS_VALUES}
  ORDER BY timestamp LIMIT $5`

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
    const { database, now } = sources
    const paging = pagingOf(['indicators', symbol], { asked, place: placeSchema, now: now() })
    const { span, after, tokenOf } = paging
    const rest = { from: after === undefined ? span.from : after.time + 1, to: span.to }
    const { views, table } = FORMS[form]
    const { rows: found, reached } = await walk(await withinKnownDays(database, rest, [symbol]), {
      direction: 'asc',
      limit,
      now,
      read: ({ from, to }, wanted) => {
        const values = [symbol, new Date(from), new Date(to), names ?? null, wanted]
        return selectIndicators(database, INDICATORS, values)
      },
    })
    const sizeOf = (row: IndicatorRow) => escapedLength(views(row, numbers))
    const { rows, isCut } = fitPage(found, { limit, sizeOf })
    const last = rows.at(-1)
    const next = isCut && last !== undefined ? last.time * 1000 : reached
    const nextPageToken = next === undefined ? null : tokenOf({ time: next })
    return {
      json: {
        symbol,
        indicators: rows.flatMap((row) => views(row, numbers)),
        next_page_token: nextPageToken,
      },
      table: table(rows, names ?? sources.indicators),
      nextPageToken,
      lifetime: lifetimeOf(span, undefined, now()),
    }
  },
})

import { z } from '@hono/zod-openapi'

import { endpoint } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import { indicatorColumns, selectIndicators } from './select-indicators.ts'

const lastDaySchema = z.tuple([z.object({ first: z.date().nullable(), last: z.date().nullable() })])

/** How far behind a symbol's last bars its indicators are looked for. */
const LOOK_BACK = '7 days'

const LAST_DAYS = `
  SELECT (min(last_day)::timestamp AT TIME ZONE 'UTC') - interval '${LOOK_BACK}' AS first,
    (max(last_day) + 1)::timestamp AT TIME ZONE 'UTC' AS last
  FROM symbols WHERE symbol = ANY($1::text[])`

const LATEST = `
  SELECT newest.* FROM unnest($1::text[]) AS wanted (symbol)
  CROSS JOIN LATERAL (
    SELECT ${indicatorColumns('$2::text[]')} FROM indicator_values AS stored
    WHERE symbol = wanted.symbol AND timestamp >= $3 AND timestamp < $4 AND timeframe = '1Min'
    ORDER BY timestamp DESC LIMIT 1
  ) AS newest ORDER BY newest.symbol`

/** The newest indicators of each symbol. */
export const latestIndicators = endpoint({
  path: '/v1/indicators/latest',
  summary: 'Newest indicators',
  description: `The newest indicators of each symbol, from the ${LOOK_BACK} before its newest bar; symbols without any are left out.`,
  parameters: z.object({ symbols: symbolsParameter, ...indicatorParameters, numbers: numbersParameter }),
  answer: z.object({ indicators: z.record(z.string(), indicatorsSchema) }).openapi('LatestIndicators'),
  lists: 'rows',
  read: async ({ symbols, names, form, numbers }, { database }) => {
    const [{ first, last }] = lastDaySchema.parse((await database.query(LAST_DAYS, [symbols])).rows)
    const rows =
      first === null ? [] : await selectIndicators(database, LATEST, [symbols, names ?? null, first, last])
    return {
      json: {
        indicators: Object.fromEntries(rows.map((row) => [row.symbol, FORMS[form].views(row, numbers)])),
      },
      table: FORMS[form].table(rows),
      lifetime: 'live',
    }
  },
})

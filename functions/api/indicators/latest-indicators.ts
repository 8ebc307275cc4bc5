import { z } from '@hono/zod-openapi'

import type { Queryable } from '../../shared/postgres/database.ts'
import { endpoint } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { DAY_MS } from '../http/times.ts'
import { lastDaysOf } from '../market/last-days.ts'
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import { HAS_VALUES, indicatorColumns, type IndicatorRow, selectIndicators } from './select-indicators.ts'

/** How far behind the day of a symbol's last bars its indicators are looked for. */
const LOOK_BACK_DAYS = 7

const LATEST = `
  SELECT newest.* FROM unnest($1::text[]) AS wanted (symbol)
  CROSS JOIN LATERAL (
    SELECT ${indicatorColumns('$2::text[]')} FROM indicator_values AS stored
    WHERE symbol = wanted.symbol AND timestamp >= $3 AND timestamp < $4 AND timeframe = '1Min'
      AND ${HAS_VALUES}
    ORDER BY timestamp DESC LIMIT 1
  ) AS newest ORDER BY newest.symbol`

/** The newest indicators of each symbol. */
export const latestIndicators = endpoint({
  path: '/v1/indicators/latest',
  summary: 'Newest indicators',
  description: `The newest indicators of each symbol, from the day of its newest bar and the ${LOOK_BACK_DAYS} days before; symbols without any are left out.`,
  parameters: z.object({ symbols: symbolsParameter, ...indicatorParameters, numbers: numbersParameter }),
  answer: z.object({ indicators: z.record(z.string(), indicatorsSchema) }).openapi('LatestIndicators'),
  lists: 'rows',
  read: async ({ symbols, names, form, numbers }, { database, indicators }) => {
    const rows = await selectLatest(database, symbols, names)
    return {
      json: () => ({
        indicators: Object.fromEntries(rows.map((row) => [row.symbol, FORMS[form].views(row, numbers)])),
      }),
      table: () => FORMS[form].table(rows, names ?? indicators),
      lifetime: 'live',
    }
  },
})

/** Reads the newest of each symbol, from the partitions that it can be in. */
async function selectLatest(
  database: Queryable,
  symbols: readonly string[],
  names: readonly string[] | undefined,
): Promise<IndicatorRow[]> {
  const found: IndicatorRow[] = []
  for (const { day, symbols: ofDay } of await lastDaysOf(database, symbols)) {
    const [first, end] = [new Date(day - LOOK_BACK_DAYS * DAY_MS), new Date(day + DAY_MS)]
    found.push(...(await selectIndicators(database, LATEST, [ofDay, names ?? null, first, end])))
  }
  return found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

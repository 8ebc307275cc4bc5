import { z } from '@hono/zod-openapi'

import type { Queryable } from '../../shared/postgres/database.ts'
import { endpoint } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { barSchema, barTable, barView } from './bar-view.ts'
import { type BarRow, selectBars } from './select-bars.ts'

const DAY_MS = 86_400_000
const daysSchema = z.array(z.object({ day: z.coerce.number(), symbols: z.array(z.string()) }))

/** The newest bar of each symbol. */
export const latestBars = endpoint({
  path: '/v1/bars/latest',
  summary: 'Newest bars',
  description: 'The newest 1-minute bar of each symbol; symbols without bars are left out.',
  parameters: z.object({ symbols: symbolsParameter, numbers: numbersParameter }),
  answer: z.object({ bars: z.record(z.string(), barSchema) }).openapi('LatestBars'),
  lists: 'rows',
  read: async ({ symbols, numbers }, { database }) => {
    const rows = await selectLatest(database, symbols)
    return {
      json: { bars: Object.fromEntries(rows.map((row) => [row.symbol, barView(row, numbers)])) },
      table: barTable(rows),
      lifetime: 'live',
    }
  },
})

/** Reads the newest bar of each symbol, from the partition that it is in. */
async function selectLatest(database: Queryable, symbols: readonly string[]): Promise<BarRow[]> {
  const { rows } = await database.query(
    `SELECT extract(epoch FROM last_day) * 1000 AS day, array_agg(symbol) AS symbols
     FROM symbols WHERE symbol = ANY($1::text[]) GROUP BY last_day`,
    [symbols],
  )
  const found: BarRow[] = []
  for (const { day, symbols: ofDay } of daysSchema.parse(rows))
    found.push(
      ...(await selectBars(
        database,
        { symbols: ofDay, from: day, to: day + DAY_MS },
        {
          timeframe: '1Min',
          zone: 'UTC',
          asof: undefined,
          direction: 'desc',
          limits: { perSymbol: 1, total: ofDay.length },
        },
      )),
    )
  return found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

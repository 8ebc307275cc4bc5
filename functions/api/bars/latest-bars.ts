import { z } from '@hono/zod-openapi'

import type { Queryable } from '../../shared/postgres/database.ts'
import { endpoint } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { DAY_MS } from '../http/times.ts'
import { lastDaysOf } from '../market/last-days.ts'
import { barSchema, barTable, barView } from './bar-view.ts'
import { type BarRow, selectBars } from './select-bars.ts'

/** The newest bar of each symbol. */
export const latestBars = endpoint({
  path: '/v1/bars/latest',
  summary: 'Newest bars',
  description: 'The newest 1-minute bar of each symbol; symbols without bars are left out.',
  parameters: z.object({ symbols: symbolsParameter, numbers: numbersParameter }),
  answer: z.object({ bars: z.record(z.string(), barSchema) }).openapi('LatestBars'),
  lists: 'rows',
  read: async ({ symbols, numbers }, { database, now }) => {
    const rows = await selectLatest(database, symbols, now())
    return {
      json: { bars: Object.fromEntries(rows.map((row) => [row.symbol, barView(row, numbers)])) },
      table: barTable(rows),
      lifetime: 'live',
    }
  },
})

/** Reads the newest bar of each symbol, from the partition that it is in. */
async function selectLatest(database: Queryable, symbols: readonly string[], now: number): Promise<BarRow[]> {
  const found: BarRow[] = []
  for (const { day, symbols: ofDay } of await lastDaysOf(database, symbols))
    found.push(
      ...(await selectBars(
        database,
        { symbols: ofDay, from: day, to: day + DAY_MS },
        {
          timeframe: '1Min',
          zone: 'UTC',
          asof: undefined,
          direction: 'desc',
          now,
          limits: { perSymbol: 1, total: ofDay.length },
        },
      )),
    )
  return found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

import { z } from '@hono/zod-openapi'

import { ONE_MINUTE } from '../../domain/calendar/timeframe.ts'
import { endpoint, type Sources } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { DAY_MS, EARLIEST } from '../http/times.ts'
import { lastDaysOf } from '../market/last-days.ts'
import { barSchema, barTable, barView } from './bar-view.ts'
import { readPage } from './read-page.ts'
import { type BarRow } from './bar-row.ts'
import { selectBars } from './select-bars.ts'

/** The newest bar of each symbol. */
export const latestBars = endpoint({
  path: '/v1/bars/latest',
  summary: 'Newest bars',
  description: 'The newest 1-minute bar of each symbol; symbols without bars are left out.',
  parameters: z.object({ symbols: symbolsParameter, numbers: numbersParameter }),
  answer: z.object({ bars: z.record(z.string(), barSchema) }).openapi('LatestBars'),
  lists: 'rows',
  read: async ({ symbols, numbers }, { database, now }) => {
    const rows = await selectLatest({ database, now }, symbols)
    return {
      json: () => ({ bars: Object.fromEntries(rows.map((row) => [row.symbol, barView(row, numbers)])) }),
      table: () => barTable(rows),
      lifetime: 'live',
    }
  },
})

const NEWEST = { timeframe: ONE_MINUTE, zone: 'UTC', asof: undefined, direction: 'desc' } as const

/** Reads the newest bar of each symbol, from the partition that it is in. */
export async function selectLatest(
  sources: Pick<Sources, 'database' | 'now'>,
  symbols: readonly string[],
): Promise<BarRow[]> {
  const { database, now } = sources
  const found: BarRow[] = []
  for (const { day, symbols: ofDay } of await lastDaysOf(database, symbols)) {
    const limits = { perSymbol: 1, total: ofDay.length }
    const read = { symbols: ofDay, from: day, to: day + DAY_MS }
    const rows = await selectBars(database, read, { ...NEWEST, now: now(), limits })
    found.push(...rows)
    // All bars of the day were withdrawn.
    const known = new Set(rows.map(({ symbol }) => symbol))
    for (const symbol of ofDay.filter((each) => !known.has(each))) {
      const query = { ...NEWEST, from: EARLIEST, to: day, symbols: [symbol], limit: 1, after: undefined }
      found.push(...(await readPage(sources, query)).rows.slice(0, 1))
    }
  }
  return found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

import { z } from '@hono/zod-openapi'

import { ONE_MINUTE } from '../../domain/calendar/timeframe.ts'
import { type Adjusting, adjustingOf, alike } from '../adjustment/adjusting.ts'
import type { AdjustmentName } from '../../domain/adjustment.ts'
import { adjustmentParameter } from '../adjustment/adjustment-parameter.ts'
import { endpoint, type Sources } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { DAY_MS, EARLIEST } from '../http/times.ts'
import { lastDaysOf } from '../market/last-days.ts'
import { barSchema, barTable, barView } from './bar-view.ts'
import { readFirstBar } from './read-bars.ts'
import { type BarRow } from './bar-row.ts'
import { selectBars } from './select-bars.ts'

/** The newest bar of each symbol. */
export const latestBars = endpoint({
  path: '/v1/bars/latest',
  summary: 'Newest bars',
  description: 'The newest 1-minute bar of each symbol; symbols without bars are left out.',
  parameters: z.object({
    symbols: symbolsParameter,
    adjustment: adjustmentParameter,
    numbers: numbersParameter,
  }),
  answer: z.object({ bars: z.record(z.string(), barSchema) }).openapi('LatestBars'),
  lists: 'rows',
  read: async ({ symbols, adjustment, numbers }, sources) => {
    const rows = await selectLatest(sources, symbols, adjustment)
    return {
      json: () => ({ bars: Object.fromEntries(rows.map((row) => [row.symbol, barView(row, numbers)])) }),
      table: () => barTable(rows),
      lifetime: 'live',
    }
  },
})

const NEWEST = { timeframe: ONE_MINUTE, zone: 'UTC', asof: undefined, direction: 'desc' } as const

type Read = Pick<Sources, 'database' | 'now' | 'tradingHours'>

/** Reads the newest bar of each symbol, from the partition that it is in. */
export async function selectLatest(
  sources: Read,
  symbols: readonly string[],
  adjustment: AdjustmentName = 'raw',
): Promise<BarRow[]> {
  const found: BarRow[] = []
  for (const { day, symbols: ofDay } of await lastDaysOf(sources.database, symbols)) {
    const wanted = { adjustment, symbols: ofDay, since: day, asof: undefined }
    const rows = await latestOfDay(sources, { day, ofDay, adjusting: await adjustingOf(sources, wanted) })
    found.push(...rows)
    // All bars of the day were withdrawn.
    const known = new Set(rows.map(({ symbol }) => symbol))
    for (const symbol of ofDay.filter((each) => !known.has(each)))
      found.push(...(await latestBefore(sources, { day, symbol, adjustment })))
  }
  return found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

async function latestOfDay(
  { database, now }: Read,
  {
    day,
    ofDay,
    adjusting,
  }: {
    readonly day: number
    readonly ofDay: readonly string[]
    readonly adjusting: Adjusting | undefined
  },
): Promise<BarRow[]> {
  const rows: BarRow[] = []
  for (const symbols of alike(adjusting, ofDay)) {
    const limits = { perSymbol: 1, total: symbols.length }
    const adjustment = await adjusting?.adjustmentOf(symbols[0] ?? '')
    const kind = { ...NEWEST, adjustment, now: now(), limits }
    rows.push(...(await selectBars(database, { symbols, from: day, to: day + DAY_MS }, kind)))
  }
  return rows
}

async function latestBefore(
  sources: Read,
  {
    day,
    symbol,
    adjustment,
  }: { readonly day: number; readonly symbol: string; readonly adjustment: AdjustmentName },
): Promise<readonly BarRow[]> {
  const symbols = [symbol]
  const adjusting = await adjustingOf(sources, { adjustment, symbols, since: EARLIEST, asof: undefined })
  const row = await readFirstBar(sources, { ...NEWEST, from: EARLIEST, to: day, symbols, adjusting })
  return row === undefined ? [] : [row]
}

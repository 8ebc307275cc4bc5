import * as z from 'zod'

import { ONE_DAY } from '../../domain/calendar/timeframe.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { adjustingOf, alike } from '../adjustment/adjusting.ts'
import type { AdjustmentName } from '../../domain/adjustment.ts'
import { MAX_MINUTES } from '../bars/read-page.ts'
import { type BarRow } from '../bars/bar-row.ts'
import { selectBars } from '../bars/select-bars.ts'
import { longest, type TimeZone } from '../bars/timeframes.ts'
import type { Sources } from '../endpoint.ts'

const symbolsSchema = z.array(z.object({ symbol: z.string() }))

const ON_DAYS = `
  SELECT symbol FROM symbols
  WHERE last_day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND first_day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
  ORDER BY symbol`

const LONGEST_DAY = longest(ONE_DAY)
const SYMBOLS_AT_ONCE = Math.floor(MAX_MINUTES / (LONGEST_DAY / 60_000))

/**
 * Reads the bars of a day, by symbol.
 *
 * @param options.start Unix milliseconds of the day's start in the zone
 * @param options.symbols undefined for all
 */
export async function readDay(
  sources: Pick<Sources, 'database' | 'now' | 'tradingHours'>,
  options: {
    readonly zone: TimeZone
    readonly start: number
    readonly symbols: readonly string[] | undefined
    readonly adjustment: AdjustmentName
  },
): Promise<readonly BarRow[]> {
  const { database, now } = sources
  const { zone, start, adjustment } = options
  const all = options.symbols ?? (await symbolsOn(database, start))
  const adjusting = await adjustingOf(sources, { adjustment, symbols: all, since: start, asof: undefined })
  const found: BarRow[] = []
  for (const symbols of alike(adjusting, all))
    for (let index = 0; index < symbols.length; index += SYMBOLS_AT_ONCE) {
      const read = { symbols: symbols.slice(index, index + SYMBOLS_AT_ONCE), from: start, to: start + 1 }
      const kind = { timeframe: ONE_DAY, zone, asof: undefined, direction: 'asc', now: now() } as const
      const limits = { perSymbol: 1, total: SYMBOLS_AT_ONCE }
      const adjusted = await adjusting?.adjustmentOf(symbols[0] ?? '')
      found.push(...(await selectBars(database, read, { ...kind, adjustment: adjusted, limits })))
    }
  return adjusting === undefined ? found : found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

/** Symbols that may have bars on a day. */
async function symbolsOn(database: Queryable, start: number): Promise<readonly string[]> {
  const { rows } = await database.query(ON_DAYS, [new Date(start), new Date(start + LONGEST_DAY)])
  return symbolsSchema.parse(rows).map(({ symbol }) => symbol)
}

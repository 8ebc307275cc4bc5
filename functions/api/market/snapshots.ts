import { ONE_DAY } from '../../domain/calendar/timeframe.ts'
import { selectLatest } from '../bars/latest-bars.ts'
import { readFirstBar } from '../bars/read-bars.ts'
import { MAX_MINUTES } from '../bars/read-page.ts'
import { type BarRow } from '../bars/bar-row.ts'
import { selectBars } from '../bars/select-bars.ts'
import type { TimeZone } from '../bars/timeframes.ts'
import type { Sources } from '../endpoint.ts'
import { DAY_MS, EARLIEST } from '../http/times.ts'

/** The newest bars of a symbol: its minute, the day that it is in, and the day with bars before. */
export type Snapshot = {
  readonly minute: BarRow
  readonly day: BarRow | undefined
  readonly previousDay: BarRow | undefined
}

/** Days in which the one before is nearly always: a weekend and a holiday. */
const USUAL_DAYS = 5
const SYMBOLS_AT_ONCE = Math.floor(MAX_MINUTES / ((USUAL_DAYS + 2) * 1440))

type Read = Pick<Sources, 'database' | 'now' | 'tradingHours'>

/** Reads the newest bars of symbols, in their order; symbols without bars are left out. */
export async function readSnapshots(
  sources: Read,
  { symbols, zone }: { readonly symbols: readonly string[]; readonly zone: TimeZone },
): Promise<readonly Snapshot[]> {
  const minutes = await selectLatest(sources, symbols)
  const days = await lastDays(sources, minutes, zone)
  const found: Snapshot[] = []
  for (const minute of minutes) {
    const [day, before] = days.get(minute.symbol) ?? []
    const previousDay = before ?? (day && (await dayBefore(sources, day, zone)))
    found.push({ minute, day, previousDay })
  }
  return found
}

/** The newest day of each symbol, and the one before where it is not long before. */
async function lastDays(
  { database, now }: Read,
  minutes: readonly BarRow[],
  zone: TimeZone,
): Promise<ReadonlyMap<string, readonly BarRow[]>> {
  const rows: BarRow[] = []
  for (const [day, ofDay] of Map.groupBy(minutes, ({ time }) => Math.floor((time * 1000) / DAY_MS)))
    for (let index = 0; index < ofDay.length; index += SYMBOLS_AT_ONCE) {
      const symbols = ofDay.slice(index, index + SYMBOLS_AT_ONCE).map(({ symbol }) => symbol)
      const read = { symbols, from: (day - USUAL_DAYS) * DAY_MS, to: (day + 1) * DAY_MS }
      const limits = { perSymbol: 2, total: 2 * symbols.length }
      rows.push(...(await selectBars(database, read, { ...DAILY, zone, now: now(), limits })))
    }
  return Map.groupBy(rows, ({ symbol }) => symbol)
}

async function dayBefore(
  sources: Read,
  { symbol, time }: BarRow,
  zone: TimeZone,
): Promise<BarRow | undefined> {
  const span = { from: EARLIEST, to: time * 1000 }
  return await readFirstBar(sources, { ...DAILY, zone, ...span, symbols: [symbol] })
}

const DAILY = { timeframe: ONE_DAY, asof: undefined, direction: 'desc' } as const

import { z } from '@hono/zod-openapi'

import { timeText } from '../http/time-text.ts'
import { endpoint, type Sources } from '../endpoint.ts'
import { symbolsParameter } from '../http/parameters.ts'
import { hoursOf } from '../../shared/runtime/trading-hours.ts'
import { BadRequestError } from '../http/problem.ts'
import { type ColumnOf, tableOf } from '../http/table.ts'
import { DAY_MS, EARLIEST, LATEST } from '../http/times.ts'
import { type QualityDay, qualityDaySchema } from './quality-day.ts'
import { expectedSpans, minutesOf, silenceOf } from './judge-gaps.ts'
import { type DayCounts, type Days, type Gap, selectCounts, selectGaps } from './select-quality.ts'

/** A request may ask for so many days, of all symbols together. */
const MOST_DAYS = 500
/** Days without `start`. */
const USUAL_DAYS = 7

const DAY_ALLOWED = 'a UTC day such as 2025-11-10, from 1900 to 2199'
const day = z.iso
  .date(DAY_ALLOWED)
  .refine((text) => Date.parse(text) >= EARLIEST && Date.parse(text) < LATEST, DAY_ALLOWED)
  .transform((text) => Date.parse(text))
  .optional()

/** What the stored bars say of their own quality. */
export const quality = endpoint({
  path: '/v1/quality',
  summary: 'Quality of the data',
  description: `Per symbol and UTC day: which minutes have bars and which should, what lacks trades, what was corrected, and why there is no bar where there is none. Up to ${MOST_DAYS} days of all symbols together. Rejected trades and the number of missing ids are not in the database: npx tickstock quality has them too.`,
  parameters: z.object({
    symbols: symbolsParameter,
    start: day.openapi({
      type: 'string',
      example: '2025-11-10',
      description: `First day; ${USUAL_DAYS} days with end by default`,
    }),
    end: day.openapi({ type: 'string', example: '2025-11-14', description: 'Last day; today by default' }),
  }),
  answer: z.object({ days: z.array(qualityDaySchema) }).openapi('QualityOfDays'),
  lists: 'rows',
  read: async ({ symbols, start, end }, sources) => {
    const today = Math.floor(sources.now() / DAY_MS) * DAY_MS
    const last = end ?? Math.max(today, start ?? today)
    const from = start ?? last - (USUAL_DAYS - 1) * DAY_MS
    const days = { from, to: last + DAY_MS }
    refuseDays(days, symbols.length)
    const rows = await judge(sources, symbols, days)
    return {
      json: () => ({ days: rows }),
      table: () => tableOf(rows, COLUMNS),
      lifetime: 'live',
    }
  },
})

function refuseDays({ from, to }: Days, symbols: number): void {
  const days = (to - from) / DAY_MS
  if (days > 0 && days * symbols <= MOST_DAYS) return
  const allowed =
    days > 0
      ? `up to ${MOST_DAYS} days of all symbols together; these are ${days * symbols}`
      : 'a day not after end'
  throw new BadRequestError([{ parameter: 'start', value: dayText(from), allowed }])
}

async function judge(
  { database, now, tradingHours }: Sources,
  symbols: readonly string[],
  days: Days,
): Promise<QualityDay[]> {
  const counted = await selectCounts(database, symbols, days)
  const gaps = Map.groupBy(await selectGaps(database, symbols, days), ({ symbol }) => symbol)
  const bySymbol = Map.groupBy(counted, ({ symbol }) => symbol)
  const rows: QualityDay[] = []
  for (let each = days.from; each < days.to; each += DAY_MS) {
    for (const symbol of symbols) {
      const hours = hoursOf(tradingHours, symbol)
      const isConfigured = hours.type !== 'off'
      const spans = expectedSpans(hours, each, now())
      const expected = isConfigured ? minutesOf(spans) : null
      const counts = bySymbol.get(symbol)?.find((one) => one.day === each) ?? NO_BARS
      const ofSymbol = gaps.get(symbol) ?? [{ ...NEVER, symbol }]
      const silence = silenceOf(ofSymbol, spans, { edges: isConfigured ? 'count' : 'ignored' })
      const row = rowOf({ symbol, day: each, expected }, counts, silence)
      if (row.bars > 0 || row.longest_silence !== null) rows.push(row)
    }
  }
  return rows.toSorted((a, b) => compare(a.symbol, b.symbol) || compare(a.day, b.day))
}

const NO_BARS: Omit<DayCounts, 'symbol' | 'day'> = {
  bars: 0,
  trades: 0,
  incomplete: 0,
  unknown: 0,
  corrected: 0,
  corrections: 0,
}
/** A symbol without bars. */
const NEVER: Omit<Gap, 'symbol'> = { after: null, before: null, complete_after: null, complete_before: null }

function rowOf(
  {
    symbol,
    day: start,
    expected,
  }: { readonly symbol: string; readonly day: number; readonly expected: number | null },
  counts: typeof NO_BARS,
  { noTrades, tradesLost, unknown, longest }: ReturnType<typeof silenceOf>,
): QualityDay {
  return {
    symbol,
    day: dayText(start),
    bars: counts.bars,
    expected_bars: expected,
    trades: counts.trades,
    incomplete_bars: counts.incomplete,
    unknown_bars: counts.unknown,
    corrected_bars: counts.corrected,
    corrections: counts.corrections,
    without_bar: { no_trades: noTrades, trades_lost: tradesLost, unknown },
    longest_silence:
      longest === undefined ? null : { minutes: longest.minutes, from: timeText(longest.from / 1000) },
  }
}

const COLUMNS: readonly ColumnOf<QualityDay>[] = [
  ['symbol', 'text', ({ symbol }) => symbol],
  ['day', 'day', (row) => Date.parse(row.day)],
  ['bars', 'integer', ({ bars }) => bars],
  ['expected_bars', 'integer', (row) => row.expected_bars],
  ['trades', 'integer', ({ trades }) => trades],
  ['incomplete_bars', 'integer', (row) => row.incomplete_bars],
  ['unknown_bars', 'integer', (row) => row.unknown_bars],
  ['corrected_bars', 'integer', (row) => row.corrected_bars],
  ['corrections', 'integer', ({ corrections }) => corrections],
  ['no_trades', 'integer', (row) => row.without_bar.no_trades],
  ['trades_lost', 'integer', (row) => row.without_bar.trades_lost],
  ['unknown', 'integer', (row) => row.without_bar.unknown],
  ['longest_silence', 'integer', (row) => row.longest_silence?.minutes ?? null],
  ['silent_from', 'second', (row) => (row.longest_silence ? Date.parse(row.longest_silence.from) : null)],
]

function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

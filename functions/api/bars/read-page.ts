import type { Sources } from '../endpoint.ts'
import { knownDaysOf } from '../page/known-days.ts'
import { type Direction, type Place, planReads, type Read, type Span } from '../page/read-plan.ts'
import { PAGE_TIME_MS } from '../page/walk.ts'
import { groupIn, kindFor, type Page, type PageQuery } from './page-query.ts'
import { readMonths } from './read-months.ts'
import { type BarRow } from './bar-row.ts'
import { selectBars } from './select-bars.ts'
import { longest } from './timeframes.ts'

/** Minutes that one statement may look at, of all its symbols together: 34 days of one, each of which is a partition to lock. */
export const MAX_MINUTES = 50_000

/** Reads the bars of one page. */
export async function readPage(
  { database, now }: Pick<Sources, 'database' | 'now'>,
  query: PageQuery,
): Promise<Page> {
  const began = now()
  const deadline = began + PAGE_TIME_MS
  const spans = await spansOf(database, query)
  if (query.timeframe.unit === 'month') return await readMonths({ database, now }, query, spans)
  const rows: BarRow[] = []
  const reads = planReads(spans, {
    ...query,
    maxMinutes: MAX_MINUTES,
    groupOf: (symbol) => groupIn(query, symbol),
  })
  let next = reads.next()
  while (next.done !== true) {
    const read = next.value
    const wanted = query.limit + 1 - rows.length
    const limits = { perSymbol: wanted, total: wanted }
    const kind = await kindFor(query, read.symbols[0] ?? '')
    rows.push(
      ...(await selectBars(database, read, { ...kind, direction: query.direction, now: began, limits })),
    )
    if (rows.length > query.limit) break
    next = reads.next()
    // After the last one there is no more, however long it took.
    if (next.done !== true && now() > deadline) return { rows, reached: endOf(read, query.direction) }
  }
  return { rows, reached: undefined }
}

function endOf({ symbols, from, to }: Read, direction: Direction): Place {
  return { symbol: symbols.at(-1) ?? '', time: direction === 'asc' ? to - 1 : from }
}

/** The requested span of each symbol; a long one is limited to the days on which the symbol has bars. */
async function spansOf(
  database: Sources['database'],
  { symbols, timeframe, from, to }: PageQuery,
): Promise<ReadonlyMap<string, Span>> {
  if ((symbols.length * (to - from)) / 60_000 <= MAX_MINUTES)
    return new Map(symbols.map((symbol) => [symbol, { from, to }]))
  return await knownDaysOf(database, { from, to }, { symbols, before: longest(timeframe) })
}

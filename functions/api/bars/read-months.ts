import type { Segment } from '../../domain/calendar/grid.ts'
import type { Sources } from '../endpoint.ts'
import { restOf, type Span } from '../page/read-plan.ts'
import { PAGE_TIME_MS } from '../page/walk.ts'
import type { Page, PageQuery } from './read-page.ts'
import type { BarRow } from './select-bars.ts'
import { barsOfParts, type Part, sumMonths } from './sum-months.ts'
import { gridOf } from './timeframes.ts'

/** A bar of a symbol, and what its months add to it. */
type Summed = { readonly symbol: string; readonly bar: Segment; readonly parts: readonly Part[] }

/** How long after its end, or the writing of its newest minute, a bar may be filling. */
const FILLING_MS = 120_000

/**
 * Reads bars of months. A year has more minutes, and days with a partition each, than one statement may look at: each
 * sums a month, and the last one sums the months.
 */
export async function readMonths(
  sources: Pick<Sources, 'database' | 'now'>,
  query: PageQuery,
  spans: ReadonlyMap<string, Span>,
): Promise<Page> {
  const began = sources.now()
  const found: Summed[] = []
  let isLate = false
  for (const { symbol, bar } of barsWithin(spans, query)) {
    const last = found.at(-1)
    if (isLate && last !== undefined) {
      const reached = { symbol: last.symbol, time: last.bar.from * 1000 }
      return { rows: await barsOf(sources, query, { found, began }), reached }
    }
    found.push({ symbol, bar, parts: await sumMonths(sources.database, { symbol, bar }, query) })
    if (found.filter(isThere).length > query.limit) break
    isLate = sources.now() > began + PAGE_TIME_MS
  }
  return { rows: await barsOf(sources, query, { found, began }), reached: undefined }
}

/** The bars that a page may have, in its order. */
function* barsWithin(
  spans: ReadonlyMap<string, Span>,
  query: PageQuery,
): Generator<{ readonly symbol: string; readonly bar: Segment }> {
  const { timeframe, zone, direction } = query
  for (const { symbols, from, to } of restOf(spans, query)) {
    const bars = gridOf(timeframe, zone, { from, to }).segments.filter((bar) => bar.from * 1000 >= from)
    for (const symbol of symbols)
      for (const bar of direction === 'asc' ? bars : bars.toReversed()) yield { symbol, bar }
  }
}

function isThere({ parts }: Summed): boolean {
  return parts.some(({ withdrawn }) => !withdrawn)
}

async function barsOf(
  { database }: Pick<Sources, 'database'>,
  query: PageQuery,
  { found, began }: { readonly found: readonly Summed[]; readonly began: number },
): Promise<BarRow[]> {
  const there = found.filter(isThere)
  const now = Math.min(began, query.asof ?? began)
  const later: Summed[] = []
  for (const ofSymbol of Map.groupBy(there, ({ symbol }) => symbol).values()) {
    const newest = ofSymbol.reduce((one, other) => (one.bar.from > other.bar.from ? one : other))
    if (mayFill(newest, now)) later.push(await barAfter(newest, query, database))
  }
  const all = [...there, ...later]
  if (all.length === 0) return []
  const rows = await barsOfParts(
    database,
    all.flatMap(({ parts }) => parts),
    {
      ...query,
      now,
      symbols: [...new Set(there.map(({ symbol }) => symbol))],
      span: {
        from: Math.min(...all.map(({ bar }) => bar.from)) * 1000,
        to: Math.max(...all.map(({ bar }) => bar.until)) * 1000,
      },
    },
  )
  const wanted = new Set(there.map(({ symbol, bar }) => `${symbol} ${bar.from}`))
  return rows.filter(({ symbol, time }) => wanted.has(`${symbol} ${time}`))
}

function mayFill({ bar, parts }: Summed, now: number): boolean {
  const written = Math.max(...parts.map((part) => part.written))
  return now < Math.max(bar.until * 1000, written) + FILLING_MS
}

/** The bar behind one, which tells that it is over. */
async function barAfter(
  { symbol, bar: { until } }: Summed,
  query: PageQuery,
  database: Sources['database'],
): Promise<Summed> {
  const [bar = { from: until, until }] = gridOf(query.timeframe, query.zone, {
    from: until * 1000,
    to: until * 1000 + 1000,
  }).segments
  return { symbol, bar, parts: await sumMonths(database, { symbol, bar }, query) }
}

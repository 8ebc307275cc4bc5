import type { Segment } from '../../domain/calendar/calendar.ts'
import { barsOf as barsIn } from '../../domain/calendar/grid.ts'
import type { Sources } from '../endpoint.ts'
import { restOf, type Span } from '../page/read-plan.ts'
import { PAGE_TIME_MS } from '../page/walk.ts'
import { cutFor, kindFor, type Page, type PageQuery } from './page-query.ts'
import type { BarRow } from './bar-row.ts'
import { LATER_MS } from './roll-up.ts'
import type { BarKind } from './select-bars.ts'
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
    found.push({
      symbol,
      bar,
      parts: await sumMonths(sources.database, { symbol, bar }, await kindFor(query, symbol)),
    })
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
  const { direction } = query
  for (const { symbols, from, to } of restOf(spans, query)) {
    for (const symbol of symbols) {
      const found = barsIn(gridOf(cutFor(query, symbol), { from, to }))
      const bars = found.filter((bar) => bar.from * 1000 >= from && bar.from * 1000 < to)
      for (const bar of direction === 'asc' ? bars : bars.toReversed()) yield { symbol, bar }
    }
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
  const now = Math.min(began, query.asof ?? began)
  const rows: BarRow[] = []
  for (const [symbol, there] of Map.groupBy(found.filter(isThere), (each) => each.symbol)) {
    const kind = await kindFor(query, symbol)
    const all = [...there]
    for (const each of there)
      if (mayFill(each, now) && !there.some(({ bar }) => bar.from === each.bar.until))
        all.push(...(await barAfter(each, kind, database)))
    const span = {
      from: Math.min(...all.map(({ bar }) => bar.from)) * 1000,
      to: Math.max(...all.map(({ bar }) => bar.until)) * 1000,
    }
    const parts = all.flatMap((each) => each.parts)
    const bars = await barsOfParts(database, parts, {
      ...kind,
      symbol,
      direction: query.direction,
      now,
      span,
    })
    rows.push(...bars.filter(({ time }) => there.some(({ bar }) => bar.from === time)))
  }
  return rows
}

function mayFill({ bar, parts }: Summed, now: number): boolean {
  const written = Math.max(...parts.map((part) => part.written))
  return now < Math.max(bar.until * 1000, written) + FILLING_MS
}

/** What the bar behind one has in the time that tells whether it is over. */
async function barAfter(
  { symbol, bar: { until } }: Summed,
  kind: BarKind,
  database: Sources['database'],
): Promise<readonly Summed[]> {
  const last = until + LATER_MS / 1000
  const next = barsIn(gridOf(kind, { from: until * 1000, to: last * 1000 })).find(({ from }) => from >= until)
  if (next === undefined) return []
  const bar = { from: next.from, until: Math.min(next.until, last) }
  return [{ symbol, bar, parts: await sumMonths(database, { symbol, bar }, kind) }]
}

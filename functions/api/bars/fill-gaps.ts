import type { Sources } from '../endpoint.ts'
import { knownDaysOf } from '../page/known-days.ts'
import type { Span } from '../page/read-plan.ts'
import { PAGE_TIME_MS } from '../page/walk.ts'
import type { BarRow } from './bar-row.ts'
import { type Filling, fillSymbol } from './fill-symbol.ts'
import { type FillPlace, type Page, type PageQuery, placeBehind } from './page-query.ts'
import { longest } from './timeframes.ts'

/** A page without gaps. */
type FilledPage = {
  /** One more than the limit, when there are more. */
  readonly rows: readonly BarRow[]
  /** Where the next page begins, when time ran out. */
  readonly reached: FillPlace | undefined
  /** Where the next page begins behind a row. */
  readonly placeOf: (row: BarRow) => FillPlace
}

/**
 * Adds a bar without trades wherever a page has none, from the first bar of a symbol to the end of what is asked for. What is
 * filled may stand at the close of a bar of years ago: where that takes long to find, the page ends, and the next one goes on
 * looking from there.
 */
export async function fillGaps(
  sources: Pick<Sources, 'database' | 'now'>,
  page: Page,
  filling: Filling,
): Promise<FilledPage> {
  const { query } = filling
  const deadline = sources.now() + PAGE_TIME_MS
  const rows: BarRow[] = []
  const clears = new Map<BarRow, Span>()
  const placeOf = (row: BarRow) => ({ ...placeBehind(row), clear: clears.get(row) })
  const bySymbol = Map.groupBy(page.rows, ({ symbol }) => symbol)
  const last = lastOf(page, query)
  const known = await knownDaysOf(sources.database, query, { ...query, before: longest(query.timeframe) })
  let clear: Span | undefined
  let isFirst = true
  for (const symbol of query.symbols) {
    if (rows.length > query.limit || (last !== undefined && symbol > last.symbol)) break
    if (query.after !== undefined && symbol < query.after.symbol) continue
    const beginning = beginningOf(symbol, query)
    if (!isFirst && sources.now() > deadline) return { rows, placeOf, reached: beginning }
    isFirst = false
    const looked = spanOf(symbol, query, last)
    // Nothing is filled before the first bar, which may be a century behind the start.
    const span = { ...looked, from: Math.max(looked.from, known.get(symbol)?.from ?? looked.to) }
    const asked = { symbol, span, most: query.limit + 1 - rows.length, rows: bySymbol.get(symbol) ?? [] }
    const filled = await fillSymbol(sources, { ...asked, clear: beginning.clear }, filling)
    if (filled.type === 'out of time')
      return { rows, placeOf, reached: { ...beginning, clear: filled.clear } }
    for (const row of filled.rows) rows.push(row)
    for (const [row, ofRow] of filled.clears) clears.set(row, ofRow)
    clear = filled.clear
  }
  return { rows, placeOf, reached: page.reached && { ...page.reached, clear } }
}

/** The last place that a page has looked at; undefined where that is all. */
function lastOf({ rows, reached }: Page, { limit }: PageQuery): FillPlace | undefined {
  const cut = rows.length > limit ? rows.at(-1) : undefined
  return cut === undefined ? reached : placeBehind(cut)
}

/** The place behind which a page begins with a symbol: before all of its bars, where the page before gave none. */
function beginningOf(symbol: string, { from, to, direction, after }: PageQuery): FillPlace {
  if (after?.symbol === symbol) return after
  return { symbol, time: direction === 'asc' ? from - 1 : to }
}

/** What a page has looked at of a symbol. */
function spanOf(
  symbol: string,
  { from, to, direction, after }: PageQuery,
  last: FillPlace | undefined,
): Span {
  const isAscending = direction === 'asc'
  const first = after?.symbol === symbol ? after.time : undefined
  const end = last?.symbol === symbol ? last.time : undefined
  return isAscending
    ? { from: first === undefined ? from : first + 1, to: end === undefined ? to : end + 1 }
    : { from: end ?? from, to: first ?? to }
}

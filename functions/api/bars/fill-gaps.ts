import type { Sources } from '../endpoint.ts'
import { EARLIEST } from '../http/times.ts'
import { ONE_MINUTE } from '../../domain/calendar/timeframe.ts'
import type { Place, Span } from '../page/read-plan.ts'
import { cutFor, type Page, type PageQuery } from './page-query.ts'
import { readFirstBar } from './read-bars.ts'
import type { FillName } from './bar-choices.ts'
import type { BarRow } from './bar-row.ts'
import { startsWithin } from './bar-starts.ts'

/** What a bar without trades says of its price: that of the trade before, or zero. */
type Fill = Exclude<FillName, 'none'>

/** No bar is filled before it is over, and its trades have been written. */
const OVER_MS = 120_000

type Filling = { readonly fill: Fill; readonly query: PageQuery; readonly now: number }

/**
 * Adds a bar without trades wherever a page has none, from the first bar of a symbol to the end of what is asked for.
 *
 * @returns one more bar than the limit, when there are more
 */
export async function fillGaps(
  sources: Pick<Sources, 'database' | 'now'>,
  { rows, reached }: Page,
  filling: Filling,
): Promise<readonly BarRow[]> {
  const { query } = filling
  const found: BarRow[] = []
  const bySymbol = Map.groupBy(rows, ({ symbol }) => symbol)
  const cut = rows.length > query.limit ? rows.at(-1) : undefined
  const last = cut === undefined ? reached : { symbol: cut.symbol, time: cut.time * 1000 }
  for (const symbol of query.symbols) {
    if (found.length > query.limit || (last !== undefined && symbol > last.symbol)) break
    if (query.after !== undefined && symbol < query.after.symbol) continue
    const span = spanOf(symbol, query, last)
    const most = query.limit + 1 - found.length
    found.push(...(await filled(sources, { symbol, span, most, rows: bySymbol.get(symbol) ?? [] }, filling)))
  }
  return found
}

/** What a page has looked at of a symbol. */
function spanOf(symbol: string, { from, to, direction, after }: PageQuery, last: Place | undefined): Span {
  const isAscending = direction === 'asc'
  const first = after?.symbol === symbol ? after.time : undefined
  const end = last?.symbol === symbol ? last.time : undefined
  return isAscending
    ? { from: first === undefined ? from : first + 1, to: end === undefined ? to : end + 1 }
    : { from: end ?? from, to: first ?? to }
}

type Asked = {
  readonly symbol: string
  readonly span: Span
  readonly most: number
  readonly rows: readonly BarRow[]
}

async function filled(
  sources: Pick<Sources, 'database' | 'now'>,
  asked: Asked,
  filling: Filling,
): Promise<readonly BarRow[]> {
  const { symbol, span, rows } = asked
  const { fill, query } = filling
  const before = (time: number) => closeBefore(sources, { symbol, time }, query)
  // Not before the span: a page that goes on begins within the bar that ended the last one.
  const [first] = startsWithin(cutFor(query, symbol), span, 'asc')
  if (first === undefined) return rows
  const earliest = await before(first.start * 1000)
  const oldest = query.direction === 'asc' ? rows[0] : rows.at(-1)
  // Nothing is filled before the first bar of a symbol.
  const from = earliest === undefined ? (oldest?.time ?? Infinity) * 1000 : span.from
  const starts = startsOf({ ...asked, span: { ...span, from } }, filling)
  if (query.direction === 'asc') return barsAt(starts, asked, { fill, close: earliest })
  const last = starts.at(-1)
  const close = last === undefined ? undefined : await before(last * 1000)
  return barsAt(starts.toReversed(), asked, { fill, close }).toReversed()
}

/** Where bars begin, in the order of the page: those that are there, and those that are over. */
function startsOf({ symbol, span, most, rows }: Asked, { query, now }: Filling): readonly number[] {
  const over = Math.min(now, query.asof ?? now) - OVER_MS
  const real = new Set(rows.map(({ time }) => time))
  const starts: number[] = []
  const to = Math.min(span.to, Math.max(over, ...rows.map(({ time }) => time * 1000 + 1)))
  for (const { start, end } of startsWithin(cutFor(query, symbol), { ...span, to }, query.direction)) {
    if (end * 1000 > over && !real.has(start)) continue
    starts.push(start)
    if (starts.length === most) break
  }
  return starts
}

/** @param options.close of the last bar before the first start; undefined where there is none */
function barsAt(
  starts: readonly number[],
  { symbol, rows }: Asked,
  { fill, close }: { readonly fill: Fill; readonly close: string | undefined },
): readonly BarRow[] {
  const real = new Map(rows.map((row) => [row.time, row]))
  const found: BarRow[] = []
  let last = close
  for (const time of starts) {
    const row = real.get(time)
    last = row?.close ?? last
    if (row !== undefined) found.push(row)
    else if (last !== undefined) found.push(without(symbol, time, fill === 'zero' ? '0' : last))
  }
  return found
}

/** The close of the last bar before a time; undefined where there is none. */
async function closeBefore(
  sources: Pick<Sources, 'database' | 'now'>,
  { symbol, time }: Place,
  query: PageQuery,
): Promise<string | undefined> {
  const newest = { timeframe: ONE_MINUTE, direction: 'desc', from: EARLIEST, to: time } as const
  return (await readFirstBar(sources, { ...query, ...newest, symbols: [symbol] }))?.close
}

/** A bar without trades: revision 0, and not said to be complete. */
function without(symbol: string, time: number, price: string): BarRow {
  return {
    symbol,
    time,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: '0',
    vwap: null,
    trade_count: 0,
    revision: 0,
    notional: '0',
    complete: null,
    source: null,
  }
}

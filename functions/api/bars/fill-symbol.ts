import type { Sources } from '../endpoint.ts'
import type { Span } from '../page/read-plan.ts'
import type { FillName } from './bar-choices.ts'
import type { BarRow } from './bar-row.ts'
import { type Bar, startsWithin } from './bar-starts.ts'
import { type CloseBefore, closeBefore } from './close-before.ts'
import { cutFor, type PageQuery } from './page-query.ts'

/** No bar is filled before it is over, and its trades have been written. */
const OVER_MS = 120_000

export type Filling = {
  /** What a bar without trades says of its price: that of the trade before, or zero. */
  readonly fill: Exclude<FillName, 'none'>
  readonly query: PageQuery
  readonly now: number
}

/** What a page has of a symbol. */
type Asked = {
  readonly symbol: string
  /** What it has looked at. */
  readonly span: Span
  readonly most: number
  readonly rows: readonly BarRow[]
  /** Has no bar, as the page before has found. */
  readonly clear: Span | undefined
}

type Filled =
  | {
      readonly type: 'filled'
      readonly rows: readonly BarRow[]
      /** Before each bar that was filled, and with it: has no bar. */
      readonly clears: ReadonlyMap<BarRow, Span>
      /** Has no bar, at the end of the span. */
      readonly clear: Span | undefined
    }
  | { readonly type: 'out of time'; readonly clear: Span }

/** Fills the gaps of a symbol on a page. */
export async function fillSymbol(
  sources: Pick<Sources, 'database' | 'now'>,
  asked: Asked,
  filling: Filling,
): Promise<Filled> {
  const { symbol, span, rows, clear } = asked
  const { query } = filling
  const isAscending = query.direction === 'asc'
  // Not before the span: a page that goes on begins within the bar that ended the last one.
  const [first] = startsWithin(cutFor(query, symbol), span, 'asc')
  const oldest = isAscending ? first : barsIn(asked, filling).at(-1)
  if (oldest === undefined) return { type: 'filled', rows, clears: new Map(), clear: undefined }
  const isThere = rows.some(({ time }) => time === oldest.start)
  const before = isThere
    ? undefined
    : await closeBefore(sources, { symbol, time: oldest.start * 1000 }, { query, clear })
  if (before?.type === 'out of time') return before
  if (!isAscending) {
    const filled = filledBars(barsIn(asked, filling).toReversed(), asked, { ...filling, before })
    return { ...filled, rows: filled.rows.toReversed(), clear: before?.clear }
  }
  // Nothing is filled before the first bar of a symbol.
  const from = before?.type === 'none' ? (rows[0]?.time ?? Infinity) * 1000 : span.from
  const bars = barsIn({ ...asked, span: { ...span, from } }, filling)
  const filled = filledBars(bars, asked, { ...filling, before })
  const since = filled.since ?? before?.clear.from
  return { ...filled, clear: since === undefined ? undefined : { from: since, to: span.to } }
}

/** Where bars begin, in the order of the page: those that are there, and those that are over. */
function barsIn({ symbol, span, most, rows }: Asked, { query, now }: Filling): readonly Bar[] {
  const over = Math.min(now, query.asof ?? now) - OVER_MS
  const there = new Set(rows.map(({ time }) => time))
  const bars: Bar[] = []
  const to = rows.reduce((latest, { time }) => Math.max(latest, time * 1000 + 1), over)
  const looked = { ...span, to: Math.min(span.to, to) }
  for (const bar of startsWithin(cutFor(query, symbol), looked, query.direction)) {
    if (bar.end * 1000 > over && !there.has(bar.start)) continue
    bars.push(bar)
    if (bars.length === most) break
  }
  return bars
}

/** @param options.before what is before the first bar; undefined where that is there */
function filledBars(
  bars: readonly Bar[],
  { symbol, rows }: Asked,
  { fill, before }: Pick<Filling, 'fill'> & { readonly before: CloseBefore | undefined },
) {
  const there = new Map(rows.map((row) => [row.time, row]))
  const found: BarRow[] = []
  const clears = new Map<BarRow, Span>()
  let close = before?.type === 'found' ? before.close : undefined
  /** The end of the last bar that is there. */
  let since: number | undefined
  for (const { start, end } of bars) {
    const row = there.get(start)
    if (row !== undefined) {
      found.push(row)
      close = row.close
      since = end * 1000
    } else if (close !== undefined) {
      const filled = without(symbol, start, fill === 'zero' ? '0' : close)
      found.push(filled)
      clears.set(filled, { from: since ?? before?.clear.from ?? start * 1000, to: end * 1000 })
    }
  }
  return { type: 'filled' as const, rows: found, clears, since }
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

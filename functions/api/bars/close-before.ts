import { ONE_MINUTE } from '../../domain/calendar/timeframe.ts'
import type { Sources } from '../endpoint.ts'
import { EARLIEST } from '../http/times.ts'
import type { Place, Span } from '../page/read-plan.ts'
import type { PageQuery } from './page-query.ts'
import { readPage } from './read-page.ts'

const MINUTE_MS = 60_000

/** What was found of the last bar before a time. `clear` has no bar, and ends with that time: whoever looks again need not look there. */
export type CloseBefore =
  | { readonly type: 'found'; readonly close: string; readonly clear: Span }
  | { readonly type: 'none'; readonly clear: Span }
  | { readonly type: 'out of time'; readonly clear: Span }

/**
 * Looks for the last bar of a symbol before a time, for as long as a page may take: it may lie years back, behind thousands of
 * partitions.
 *
 * @param clear has no bar, as another look has found
 */
export async function closeBefore(
  sources: Pick<Sources, 'database' | 'now'>,
  { symbol, time }: Place,
  { query, clear }: { readonly query: PageQuery; readonly clear: Span | undefined },
): Promise<CloseBefore> {
  const newest = { ...query, timeframe: ONE_MINUTE, direction: 'desc', symbols: [symbol] } as const
  for (const span of spansBefore(time, clear)) {
    const { rows, reached } = await readPage(sources, { ...newest, ...span, after: undefined, limit: 0 })
    const [row] = rows
    if (row !== undefined) {
      const from = row.time * 1000 + MINUTE_MS
      return { type: 'found', close: row.close, clear: { from, to: time } }
    }
    if (reached !== undefined) return { type: 'out of time', clear: { from: reached.time, to: time } }
  }
  return { type: 'none', clear: { from: EARLIEST, to: time } }
}

/** What is to be looked at, the newest first. */
function spansBefore(time: number, clear: Span | undefined): readonly Span[] {
  if (clear === undefined || clear.from >= time) return [{ from: EARLIEST, to: time }]
  const spans = [
    { from: clear.to, to: time },
    { from: EARLIEST, to: clear.from },
  ]
  return spans.filter(({ from, to }) => from < to)
}

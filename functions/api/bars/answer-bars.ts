import { z } from 'zod'

import type { Answer, Sources } from '../endpoint.ts'
import { pageTokens, placeSymbol, placeTime } from '../page/page-token.ts'
import { lifetimeOf, spanOf } from '../page/window.ts'
import type { BarParameters } from './bar-parameters.ts'
import { barTable } from './bar-view.ts'
import { readPage } from './read-page.ts'
import type { BarRow } from './select-bars.ts'

/** Where the next page begins, and of which span: without `end` it would move on with the clock. */
const placeSchema = z.object({ symbol: placeSymbol, time: placeTime, from: placeTime, to: placeTime })

/** Reads a page of bars; `shape` makes the JSON of it. */
export async function answerBars(
  symbols: readonly string[],
  given: BarParameters,
  {
    sources,
    shape,
  }: { sources: Sources; shape: (rows: readonly BarRow[], nextPageToken: string | null) => unknown },
): Promise<Answer> {
  const { timeframe, tz: zone, asof, sort: direction, limit } = given
  const tokens = pageTokens(
    ['bars', symbols, timeframe, zone, given.start, given.end, asof, direction],
    placeSchema,
  )
  const place = given.page_token === undefined ? undefined : tokens.decode(given.page_token)
  const span = place ?? spanOf(given, sources.now())
  const kind = { timeframe, zone, asof, direction }
  const page = await readPage(sources, {
    ...kind,
    symbols,
    limit,
    from: span.from,
    to: span.to,
    after: place,
  })
  const nextPageToken =
    page.next === undefined ? null : tokens.encode({ ...page.next, from: span.from, to: span.to })
  return {
    json: shape(page.rows, nextPageToken),
    table: barTable(page.rows),
    nextPageToken,
    lifetime: lifetimeOf(span, asof, sources.now()),
  }
}

import * as z from 'zod'

import { adjustingOf } from '../adjustment/adjusting.ts'
import type { Answer, Sources } from '../endpoint.ts'
import { EARLIEST } from '../http/times.ts'
import { fitPage, shortened } from '../page/fit.ts'
import { noToken, placeSpan, placeSymbol } from '../page/page-token.ts'
import { pagingOf } from '../page/paging.ts'
import { lifetimeOf, refuseUnsettled } from '../page/window.ts'
import type { BarParameters } from './bar-parameters.ts'
import { barSize, barTable } from './bar-view.ts'
import { fillGaps } from './fill-gaps.ts'
import { placeBehind } from './page-query.ts'
import { readPage } from './read-page.ts'
import { sessionsOf } from './sessions.ts'
import { timeIn } from './timeframes.ts'
import type { BarRow } from './bar-row.ts'

const placeSchema = z.object({ symbol: placeSymbol, time: z.int(), clear: placeSpan.optional() })

/** Reads a page of bars; `shape` makes the JSON of it. */
export async function answerBars(
  symbols: readonly string[],
  given: BarParameters,
  {
    sources,
    shape,
  }: { sources: Sources; shape: (rows: readonly BarRow[], nextPageToken: string | null) => unknown },
): Promise<Answer> {
  const { timeframe, tz: zone, session, fill, adjustment, sort: direction, limit, page_token } = given
  const timeOf = (text: string | undefined) => (text === undefined ? undefined : timeIn(zone, text))
  const asked = { start: timeOf(given.start), end: timeOf(given.end), asof: timeOf(given.asof), page_token }
  const { asof } = asked
  const now = sources.now()
  // The database says when a row was written: where our clock is ahead of its, a time that it has not seen yet would look past.
  if (asof !== undefined) refuseUnsettled(asof, Math.min(now, await sources.databaseNow()))
  const { span, after, tokenOf } = pagingOf(
    [
      'bars',
      symbols,
      timeframe.name,
      zone,
      direction,
      ...(session === 'all' ? [] : [session]),
      ...(fill === 'none' ? [] : [fill]),
      ...(adjustment === 'raw' ? [] : [adjustment]),
    ],
    {
      asked,
      place: placeSchema,
      // Behind which nothing is given of a symbol whose last bar is still looked for.
      margin: fill === 'none' ? 0 : 1,
      now,
    },
  )
  if (after !== undefined && !symbols.includes(after.symbol)) throw noToken(page_token ?? '')
  const sessionOf = session === 'all' ? undefined : sessionsOf(session, symbols, sources.tradingHours)
  // What is filled stands at the close of a bar before the span.
  const since = fill === 'none' ? span.from : EARLIEST
  const adjusting = await adjustingOf(sources, { adjustment, symbols, since, asof })
  const query = { timeframe, zone, asof, direction, symbols, limit, ...span, after, sessionOf, adjusting }
  const found = await readPage(sources, query)
  const page =
    fill === 'none'
      ? { ...found, placeOf: placeBehind }
      : await fillGaps(sources, found, { fill, query, now })
  const answer = (most: number): Answer => {
    const { rows, isCut } = fitPage(page.rows, { limit: most, sizeOf: barSize })
    const last = rows.at(-1)
    const next = isCut && last !== undefined ? page.placeOf(last) : page.reached
    const nextPageToken = next === undefined ? null : tokenOf(next)
    return {
      json: () => shape(rows, nextPageToken),
      table: () => barTable(rows),
      nextPageToken,
      // An import of corporate actions may change any of them.
      lifetime: adjustment === 'raw' ? lifetimeOf(span, asof, sources.now()) : 'live',
      ...shortened(rows.length, answer),
    }
  }
  return answer(limit)
}

import { z } from '@hono/zod-openapi'

import { type Answer, endpoint } from '../endpoint.ts'
import { symbolParameter } from '../http/parameters.ts'
import { type ColumnOf, type Table, tableOf } from '../http/table.ts'
import { fitPage, shortened } from '../page/fit.ts'
import { withinKnownDays } from '../page/known-days.ts'
import { placeTime } from '../page/page-token.ts'
import { pagingOf } from '../page/paging.ts'
import { walk } from '../page/walk.ts'
import { lifetimeOf } from '../page/window.ts'
import { barParameters, shortTimeframe } from './bar-parameters.ts'
import { barSchema, barSize, barTable, barView, timeSchema } from './bar-view.ts'
import { type RevisionRow, selectRevisions } from './select-revisions.ts'
import { timeIn } from './timeframes.ts'

const { tz, start, end, limit, page_token, numbers } = barParameters

const placeSchema = z.object({ time: placeTime, revision: z.int32().min(1) })

/** Where a page ends that has looked at all of a minute. */
const ALL_REVISIONS = 2 ** 31 - 1

/** Characters of what a revision has beside its bar. */
const TIMES_SIZE = 110

/** What was corrected, and when. */
export const revisions = endpoint({
  path: '/v1/bars/{symbol}/revisions',
  summary: 'Corrections of bars',
  description:
    'Every revision of the 1-minute bars that were corrected, oldest first: what each said, when it closed and when it was written. Of a larger timeframe, every state that each bar has had, while it filled and since: one for each time at which minutes in it were written.',
  parameters: z.object({
    symbol: symbolParameter,
    timeframe: shortTimeframe,
    tz,
    start,
    end,
    limit,
    page_token,
    numbers,
  }),
  answer: z
    .object({
      symbol: z.string(),
      revisions: z.array(
        barSchema
          .extend({
            closed_at: timeSchema,
            written_at: timeSchema,
            withdrawn: z.boolean().openapi({
              description:
                'True where all trades of the bar were cancelled: from then on there is no bar, and the prices are those of before',
            }),
          })
          .openapi('BarRevision'),
      ),
      next_page_token: z.string().nullable(),
    })
    .openapi('BarRevisions'),
  lists: 'rows',
  read: async ({ symbol, limit: most, numbers: format, ...given }, { database, now }) => {
    const { timeframe: length, tz: zone } = given
    const timeOf = (text: string | undefined) => (text === undefined ? undefined : timeIn(zone, text))
    const asked = { start: timeOf(given.start), end: timeOf(given.end), page_token: given.page_token }
    const paging = pagingOf(['revisions', symbol, length.name, zone], {
      asked,
      place: placeSchema,
      now: now(),
    })
    const { span, after, tokenOf } = paging
    const last = { time: after?.time ?? span.from, revision: after?.revision ?? 0 }
    const within = await withinKnownDays(database, { from: last.time, to: span.to }, [symbol])
    const query = { symbol, timeframe: length, zone, after: last }
    const { rows: found, reached } = await walk(within, {
      direction: 'asc',
      limit: most,
      now,
      read: (piece, wanted) => selectRevisions(database, { ...query, ...piece, limit: wanted }),
    })
    const answer = (wanted: number): Answer => {
      const sizeOf = (row: RevisionRow) => barSize(row) + TIMES_SIZE
      const { rows, isCut } = fitPage(found, { limit: wanted, sizeOf })
      const next = isCut ? placeOf(rows.at(-1)) : placeAt(reached)
      const nextPageToken = next === undefined ? null : tokenOf(next)
      return {
        json: () => ({
          symbol,
          revisions: rows.map((row) => ({ ...barView(row, format), ...timesOf(row) })),
          next_page_token: nextPageToken,
        }),
        table: () => revisionTable(rows),
        nextPageToken,
        lifetime: lifetimeOf(span, undefined, now()),
        ...shortened(rows.length, answer),
      }
    }
    return answer(most)
  },
})

function timesOf({ closed, written, withdrawn }: RevisionRow) {
  return { closed_at: closed.toISOString(), written_at: written.toISOString(), withdrawn }
}

const TIMES: readonly ColumnOf<RevisionRow>[] = [
  ['closed_at', 'millisecond', ({ closed }) => closed.getTime()],
  ['written_at', 'millisecond', ({ written }) => written.getTime()],
  ['withdrawn', 'boolean', ({ withdrawn }) => withdrawn],
]

function revisionTable(rows: readonly RevisionRow[]): Table {
  return { rows: rows.length, columns: [...barTable(rows).columns, ...tableOf(rows, TIMES).columns] }
}

function placeOf(row: RevisionRow | undefined) {
  return row && { time: row.time * 1000, revision: row.revision }
}

function placeAt(time: number | undefined) {
  return time === undefined ? undefined : { time, revision: ALL_REVISIONS }
}

import * as z from 'zod'

import type { Sources } from '../endpoint.ts'
import { fitPage } from '../page/fit.ts'
import { withinKnownDays } from '../page/known-days.ts'
import { placeTime } from '../page/page-token.ts'
import { pagingOf, type PagingOptions } from '../page/paging.ts'
import type { Direction, Span } from '../page/read-plan.ts'
import { walk } from '../page/walk.ts'
import { HAS_VALUES, indicatorColumns, type IndicatorRow, selectIndicators } from './select-indicators.ts'

/** The last minute that was given. */
export const placeSchema = z.object({ time: placeTime })
type Place = z.infer<typeof placeSchema>

function statement(order: string): string {
  return `
  SELECT ${indicatorColumns('$4::text[]')} FROM indicator_values AS stored
  WHERE symbol = $1 AND timestamp >= $2 AND timestamp < $3 AND timeframe = '1Min'
    AND ${HAS_VALUES}
  ORDER BY timestamp ${order} LIMIT $5`
}

const INDICATORS = { asc: statement('ASC'), desc: statement('DESC') } as const

/** Which indicators of a symbol, and where to begin. */
export type IndicatorQuery = {
  readonly symbol: string
  /** All when undefined. */
  readonly names: readonly string[] | undefined
  readonly direction: Direction
  /** Minutes on a page. */
  readonly limit: number
  readonly asked: PagingOptions<Place>['asked']
  /** Characters of a row's entries in the answer. */
  readonly sizeOf: (row: IndicatorRow) => number
}

type IndicatorPage = { readonly rows: readonly IndicatorRow[]; readonly nextPageToken: string | null }

/** What was found, from which pages of so many minutes at the most are made. */
export type FoundIndicators = {
  /** Of the whole answer, on each of its pages. */
  readonly span: Span
  readonly page: (limit: number) => IndicatorPage
}

/** Values that are read for `limit=all`: they take some 50 MB. */
export const MOST_VALUES = 200_000

/** Reads a page of the indicators of a symbol over time. */
export async function readIndicators(
  { database, now }: Pick<Sources, 'database' | 'now'>,
  { symbol, names, direction, limit, asked, sizeOf }: IndicatorQuery,
): Promise<FoundIndicators> {
  const query = direction === 'asc' ? ['indicators', symbol] : ['indicators', symbol, direction]
  const { span, after, tokenOf } = pagingOf(query, { asked, place: placeSchema, now: now() })
  const rest = after === undefined ? span : behind(span, after.time, direction)
  let values = 0
  const { rows: found, reached } = await walk(await withinKnownDays(database, rest, [symbol]), {
    direction,
    limit,
    now,
    isEnough: () => values > MOST_VALUES,
    read: async ({ from, to }, wanted) => {
      const given = [symbol, new Date(from), new Date(to), names ?? null, wanted]
      const rows = await selectIndicators(database, INDICATORS[direction], given)
      for (const { entries } of rows) values += entries.length
      return rows
    },
  })
  const page = (most: number): IndicatorPage => {
    const { rows, isCut } = fitPage(found, { limit: most, sizeOf })
    const last = rows.at(-1)
    const next = isCut && last !== undefined ? last.time * 1000 : reached
    return { rows, nextPageToken: next === undefined ? null : tokenOf({ time: next }) }
  }
  return { span, page }
}

function behind({ from, to }: Span, time: number, direction: Direction): Span {
  return direction === 'asc' ? { from: time + 1, to } : { from, to: time }
}

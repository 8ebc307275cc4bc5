import type { Sources } from '../endpoint.ts'
import { TooSlowError } from '../http/problem.ts'
import type { BarRow } from './bar-row.ts'
import type { PageQuery } from './page-query.ts'
import { readPage } from './read-page.ts'

/** What a request reads of bars, pages apart, ends with an error after so long: less than API Gateway and the function are given. */
export const MOST_MS = 15_000

/** When reading is given up, Unix milliseconds, and what to ask for instead. */
export type ReadLimit = { readonly until: number; readonly tooSlow: string }

type BarsQuery = Omit<PageQuery, 'limit' | 'after'>

/**
 * Reads up to so many bars, however many pages they take: a page that ran out of time says nothing of what is behind it.
 *
 * @throws TooSlowError when it takes longer
 */
export async function readBars(
  sources: Pick<Sources, 'database' | 'now'>,
  query: BarsQuery,
  { count, until, tooSlow }: ReadLimit & { readonly count: number },
): Promise<readonly BarRow[]> {
  const rows: BarRow[] = []
  let after
  do {
    const page = await readPage(sources, { ...query, limit: count - 1 - rows.length, after })
    for (const row of page.rows) rows.push(row)
    after = page.reached
    if (sources.now() > until) throw new TooSlowError(tooSlow)
  } while (after !== undefined && rows.length < count)
  return rows
}

/**
 * Reads the first bar in the direction, of one symbol; undefined where there is none.
 *
 * @param until Unix milliseconds
 * @throws TooSlowError when it takes longer
 */
export async function readFirstBar(
  sources: Pick<Sources, 'database' | 'now'>,
  query: BarsQuery,
  until = sources.now() + MOST_MS,
): Promise<BarRow | undefined> {
  const edge = query.direction === 'asc' ? 'first' : 'last'
  const tooSlow = `The ${edge} bar of ${query.symbols.join(', ')} takes more than ${MOST_MS / 1000} s to find: ask for fewer symbols, or for a shorter time.`
  const [row] = await readBars(sources, query, { count: 1, until, tooSlow })
  return row
}

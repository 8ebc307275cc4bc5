import type { Answer } from '../endpoint.ts'
import { MAX_LIMIT } from '../http/parameters.ts'

/**
 * Characters that the entries of a page may have as they stand in a function's result, where the body is a string in JSON
 * and its quotes are escaped. Lambda takes 6,291,556 bytes; CSV has up to a quarter more than JSON.
 */
const MOST_CHARACTERS = 4_000_000

/** The same of `limit=all`, for the memory of the function: what is too large for Lambda is compressed, or shortened. */
const MOST_OF_ALL = 20_000_000

export type Fitted<Row> = {
  readonly rows: readonly Row[]
  /** There are more rows. */
  readonly isCut: boolean
}

/**
 * Selects the rows of a page: no more than the limit, and no more than an answer can contain, but at least one.
 *
 * @param sizeOf characters of a row's entry, as `escapedLength` counts, or more
 */
export function fitPage<Row>(
  found: readonly Row[],
  { limit, sizeOf }: { readonly limit: number; readonly sizeOf: (row: Row) => number },
): Fitted<Row> {
  const most = limit > MAX_LIMIT ? MOST_OF_ALL : MOST_CHARACTERS
  let fitting = 0
  let size = 0
  for (const row of found) {
    size += sizeOf(row)
    if (fitting === limit || (fitting > 0 && size > most)) break
    fitting++
  }
  const rows = found.slice(0, fitting)
  return { rows, isCut: rows.length < found.length }
}

/**
 * Lets an answer be made again of a share of its rows, where the format that it is given in makes too much of all.
 *
 * @param rows how many it has
 * @param answer makes it of so many rows at the most
 */
export function shortened(rows: number, answer: (most: number) => Answer): Pick<Answer, 'shorten'> {
  return rows > 1 ? { shorten: (share) => answer(Math.max(1, Math.floor(rows * share))) } : {}
}

/** How long the JSON of a value is as a string in JSON: each quote and each backslash takes one character more. */
export function escapedLength(value: unknown): number {
  const text = JSON.stringify(value)
  return text.length + (text.match(/["\\]/g)?.length ?? 0)
}

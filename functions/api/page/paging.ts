import * as z from 'zod'

import { noToken, pageTokens, placeTime } from './page-token.ts'
import type { Span } from './read-plan.ts'
import { type Asked, lastOf, spanUpTo } from './window.ts'

/** Where a page of an answer over time begins. */
export type Paging<Place> = {
  /** Of the whole answer, on each of its pages. */
  readonly span: Span
  /** Where the page before ended; undefined on the first. */
  readonly after: Place | undefined
  /** The token of the page behind that place. */
  readonly tokenOf: (place: Place) => string
}

export type PagingOptions<Place> = {
  readonly asked: Asked & { readonly page_token?: string | undefined }
  /** What a place is. Its `time`, in Unix milliseconds, lies in the span. */
  readonly place: z.ZodType<Place>
  /** By how many milliseconds it may lie outside: before the first, or behind the last, nothing is given yet. @default 0 */
  readonly margin?: number
  /** Unix milliseconds. */
  readonly now: number
}

/**
 * Reads the token of a request, if it has one. A token says where the page before ended and, for a request without `end`,
 * which moment the first page took for it; what the request says itself, no token can change.
 *
 * @param query all that changes the answer
 * @throws BadRequestError for a token of another query or a place outside the span, and for a start behind the end
 */
export function pagingOf<Place extends { readonly time: number }>(
  query: readonly unknown[],
  { asked, place, margin = 0, now }: PagingOptions<Place>,
): Paging<Place> {
  const { page_token: token, start, end, asof } = asked
  const tokens = pageTokens([...query, start, end, asof], z.tuple([placeTime, place]))
  const latest = lastOf(asked, now)
  const [last, after] = token === undefined ? [latest, undefined] : tokens.decode(token)
  const isPossible = end === undefined ? last <= latest && last >= (start ?? last) : last === end
  if (token !== undefined && !isPossible) throw noToken(token)
  const span = spanUpTo(asked, last)
  const [from, to] = [span.from - margin, span.to + margin]
  if (token !== undefined && after !== undefined && (after.time < from || after.time >= to))
    throw noToken(token)
  return { span, after, tokenOf: (next) => tokens.encode([last, next]) }
}

import { DAY_MS } from '../http/times.ts'
import type { Lifetime } from '../endpoint.ts'
import { BadRequestError } from '../http/problem.ts'
import type { Span } from './read-plan.ts'

const MINUTE_MS = 60_000

/** A written row is certainly visible after this long: the longest transaction of the writer and then some. */
const COMMITTED_AFTER_MS = 60_000

/** What a request says of the times it wants, as Unix milliseconds. */
export type Asked = {
  readonly start?: number | undefined
  readonly end?: number | undefined
  readonly asof?: number | undefined
}

/**
 * What `start` and `end`, both included, ask for: by default the day up to now, or up to `asof` where that is earlier.
 * @throws BadRequestError when nothing lies between them
 */
export function spanOf(asked: Asked, now: number): Span {
  return spanUpTo(asked, lastOf(asked, now))
}

/**
 * The last time that is asked for. Without `end` it is the minute that runs, so that whoever asks again within it asks
 * the same: nothing here is of less than a minute.
 */
export function lastOf({ start, end, asof }: Asked, now: number): number {
  if (end !== undefined) return end
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const last = Math.max(minute, Math.min(start ?? minute, now))
  return Math.min(last, asof ?? last)
}

/**
 * The span that ends with `last`.
 * @throws BadRequestError when it begins later
 */
export function spanUpTo({ start }: Asked, last: number): Span {
  const from = start ?? last - DAY_MS
  if (from > last)
    throw new BadRequestError([
      { parameter: 'start', value: iso(from), allowed: `a time up to end, which is ${iso(last)}` },
    ])
  return { from, to: last + 1 }
}

/** How long an answer about that span stays true. Corrections come within the day that the streams keep. */
export function lifetimeOf({ to }: Span, asof: number | undefined, now: number): Lifetime {
  if (asof !== undefined && asof < now - COMMITTED_AFTER_MS) return 'fixed'
  return to < now - DAY_MS ? 'settled' : 'live'
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

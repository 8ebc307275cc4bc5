import { DAY_MS } from '../http/times.ts'
import type { Lifetime } from '../endpoint.ts'
import { BadRequestError } from '../http/problem.ts'
import type { Span } from './read-plan.ts'

const MINUTE_MS = 60_000

/**
 * A row is visible this long after its `written_at` at the latest: `written_at` is when its transaction began, the role of
 * the writer lets a statement, which is a transaction, take 30 s, and the clocks of API and database may differ.
 */
export const COMMITTED_AFTER_MS = 60_000

/** The times that a request asks for, as Unix milliseconds; `start` and `end` are included. */
export type Asked = {
  readonly start?: number | undefined
  readonly end?: number | undefined
  readonly asof?: number | undefined
}

/**
 * The last time that a request asks for. Without `end` it is the current minute (or `asof` where that is earlier), so that
 * a request repeated within the minute asks for the same span.
 */
export function lastOf({ start, end, asof }: Asked, now: number): number {
  if (end !== undefined) return end
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const last = Math.max(minute, Math.min(start ?? minute, now))
  return Math.min(last, asof ?? last)
}

/**
 * The span that ends with `last`; without `start` it is a day long.
 *
 * @throws BadRequestError when `start` is later
 */
export function spanUpTo({ start }: Asked, last: number): Span {
  const from = start ?? last - DAY_MS
  if (from > last)
    throw new BadRequestError([
      { parameter: 'start', value: iso(from), allowed: `a time up to end, which is ${iso(last)}` },
    ])
  return { from, to: last + 1 }
}

/**
 * Refuses an `asof` whose answer may still change: a transaction that began before it may not be visible yet.
 *
 * @param now what the clock shows of which a row has its `written_at`, or less
 * @throws BadRequestError that names the latest that is allowed
 */
export function refuseUnsettled(asof: number, now: number): void {
  const latest = now - COMMITTED_AFTER_MS
  if (asof <= latest) return
  throw new BadRequestError([
    {
      parameter: 'asof',
      value: iso(asof),
      allowed: `a time up to ${iso(latest)}, which is ${COMMITTED_AFTER_MS / 1000} s ago: what was known later may still change; leave asof out for what is known now`,
    },
  ])
}

/** How long an answer about a span is valid. Corrections arrive within the day that the streams keep. */
export function lifetimeOf({ to }: Span, asof: number | undefined, now: number): Lifetime {
  if (asof !== undefined && asof <= now - COMMITTED_AFTER_MS) return 'fixed'
  return to < now - DAY_MS ? 'settled' : 'live'
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

import type { Lifetime } from '../endpoint.ts'
import { BadRequestError } from '../http/problem.ts'
import type { Span } from './read-plan.ts'

const DAY_MS = 86_400_000

/** A written row is certainly visible after this long: the longest transaction of the writer and then some. */
const COMMITTED_AFTER_MS = 60_000

/**
 * What `start` and `end`, both included, ask for: by default the day up to now, or up to `asof`.
 * @throws BadRequestError when nothing lies between them
 */
export function spanOf(
  {
    start,
    end,
    asof,
  }: {
    readonly start?: number | undefined
    readonly end?: number | undefined
    readonly asof?: number | undefined
  },
  now: number,
): Span {
  const last = end ?? asof ?? now
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

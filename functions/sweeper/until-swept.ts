import type { Rules } from '../domain/event.ts'
import { MINUTE_SECONDS } from '../domain/bar-builder.ts'

/** For clock skew between machines, and the transport of a trade. */
const MARGIN_MS = 500

/** The longest grace that the config allows; where it is longer, bars are not closed by the clock. */
const MAX_WAIT_MS = 30_000

/**
 * Milliseconds to wait until the minute that has just ended can be closed. The schedule fires as a minute begins, and
 * the grace runs from the last trade of the minute before.
 */
export function untilSwept(now: number, { graceMs }: Rules): number {
  const intoMinute = now % (MINUTE_SECONDS * 1000)
  return Math.max(0, Math.min(graceMs, MAX_WAIT_MS) + MARGIN_MS - intoMinute)
}

import * as z from 'zod'

import type { Rules } from '../domain/evolve.ts'

/** The environment variables that say when a minute closes and for how long it can be corrected. */
export const minuteRules = {
  /** Allowed lateness, in seconds of the symbol's own event time. */
  LATENESS_SECONDS: z.string().regex(/^\d+$/, 'expected whole seconds').transform(Number),
  /** Grace of a minute that is over, in milliseconds. */
  GRACE_MS: z.string().regex(/^\d+$/, 'expected whole milliseconds').transform(Number),
}

/** Of about 170 bytes each, in an item that may have 400 KB: ticks a minute apart, sent in bulk, would fill it. */
const MAX_PENDING = 200

/** The rules as the domain takes them. */
export function rulesOf(environment: {
  readonly LATENESS_SECONDS: number
  readonly GRACE_MS: number
}): Rules {
  const { LATENESS_SECONDS: latenessSeconds, GRACE_MS: graceMs } = environment
  return { latenessSeconds, graceMs, maxPending: MAX_PENDING }
}

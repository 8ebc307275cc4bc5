import * as z from 'zod'

import type { Rules } from '../domain/event.ts'

/** The environment variables that decide when a bar closes and for how long it can be corrected. */
export const minuteRules = {
  /** Allowed lateness, in seconds of the symbol's own event time. */
  LATENESS_SECONDS: z.string().regex(/^\d+$/, 'expected whole seconds').transform(Number),
  /** How long the open bar of a past minute waits for trades, in milliseconds. */
  GRACE_MS: z.string().regex(/^\d+$/, 'expected whole milliseconds').transform(Number),
}

/** About 170 bytes each, in an item of at most 400 KB: a bulk of trades a minute apart would fill it. */
const MAX_PENDING = 200

/** The rules in the form of the domain. */
export function rulesOf(environment: {
  readonly LATENESS_SECONDS: number
  readonly GRACE_MS: number
}): Rules {
  const { LATENESS_SECONDS: latenessSeconds, GRACE_MS: graceMs } = environment
  return { latenessSeconds, graceMs, maxPending: MAX_PENDING }
}

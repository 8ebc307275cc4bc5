/** How often a delivery is tried: over eight and a half hours. */
export const MAX_ATTEMPTS = 10

const MINUTE_MS = 60_000

/** Milliseconds until the next attempt after so many have failed, from 1; undefined when there is none. */
export function retryDelayMs(failed: number): number | undefined {
  return failed >= MAX_ATTEMPTS ? undefined : MINUTE_MS * 2 ** (failed - 1)
}

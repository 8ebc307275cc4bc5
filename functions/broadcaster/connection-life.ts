/** API Gateway ends a connection after two hours; the margin is for clock skew. */
const LIFE_SECONDS = 2 * 3600 + 300

/**
 * When a connection that is open certainly has ended, Unix seconds.
 *
 * @param now Unix milliseconds
 */
export function endOfLife(now: number): number {
  return Math.floor(now / 1000) + LIFE_SECONDS
}

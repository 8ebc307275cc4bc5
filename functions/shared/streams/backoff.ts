const BASE_MS = 50
const CAP_MS = 5_000

/**
 * Milliseconds to wait before the next attempt: exponential with full jitter, up to 5 s.
 *
 * @param attempt failed attempts so far, from 1
 * @param random a number in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, random: number): number {
  return random * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 30))
}

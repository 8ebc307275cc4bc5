import type { Throttle } from './rest-api.ts'

/** Lets so many through at once, and so many more each second. */
export type TokenBucket = { take(): boolean }

/** @param now Unix milliseconds */
export function createTokenBucket({ rate, burst }: Throttle, now: () => number): TokenBucket {
  if (rate === undefined || burst === undefined) return { take: () => true }
  let tokens = burst
  let filledAt = now()
  return {
    take: () => {
      const time = now()
      tokens = Math.min(burst, tokens + ((time - filledAt) / 1000) * rate)
      filledAt = time
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}

/** How long records are batched before a function is called. */
export const BATCH_WINDOW_SECONDS = { lowest: 0, low: 0, economy: 5 } as const

/** The same of what is sent live, and dropped rather than delayed. */
export const LIVE_WINDOW_SECONDS = { lowest: 0, low: 0, economy: 1 } as const

/** Records in one call of the archiver at most: the most that Lambda allows. */
export const ARCHIVE_BATCH_SIZE = 10_000

/** Records in one call at most. */
export const BATCH_SIZE = { lowest: 1000, low: 1000, economy: 10_000 } as const

/** Lambda reads a shard once a second, but over enhanced fan-out; the other second is for the invocation. */
const POLL_AND_INVOCATION_SECONDS = 2

/** How long after its arrival on a stream a record may wait until it is processed, in seconds. */
export function deliverySeconds(latency: keyof typeof BATCH_WINDOW_SECONDS): number {
  return BATCH_WINDOW_SECONDS[latency] + POLL_AND_INVOCATION_SECONDS
}

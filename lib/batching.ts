/** How long records are batched before a function is called. */
export const BATCH_WINDOW_SECONDS = { low: 0, economy: 5 } as const

/** The same of what is sent live, and dropped rather than delayed. */
export const LIVE_WINDOW_SECONDS = { low: 0, economy: 1 } as const

/** Records in one call of the archiver at most: the most that Lambda allows. */
export const ARCHIVE_BATCH_SIZE = 10_000

/** Records in one call at most. */
export const BATCH_SIZE = { low: 1000, economy: 10_000 } as const

/** The times that a request may name, as Unix milliseconds: from the first, and before the second. */
export const EARLIEST = Date.parse('1900-01-01T00:00:00Z')
export const LATEST = Date.parse('2200-01-01T00:00:00Z')

/** A day, in milliseconds. */
export const DAY_MS = 86_400_000

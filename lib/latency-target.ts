/** The longest time from a bar's close to its row that one bar in a hundred may take on AWS, in milliseconds, by `latency`. */
export const LATENCY_MS = { lowest: 5000, low: 5000, economy: 20_000 } as const

import { signal } from '@preact/signals'

import { readPatterns } from '../api/reads.ts'
import { type Pattern, type PatternChange, withChange, withPatterns } from '../market/patterns.ts'

const MOST_KEPT = 500
const DAY_MS = 24 * 3_600_000

/** The patterns of the whole market, newest first. */
export const marketPatterns = signal<readonly Pattern[]>([])

/** Reads the newest ones. */
export async function readMarketPatterns(): Promise<void> {
  const start = new Date(Math.floor(Date.now() / 60_000) * 60_000 - DAY_MS).toISOString()
  const read = await readPatterns({ start, limit: String(MOST_KEPT) })
  marketPatterns.value = withPatterns(marketPatterns.peek(), read, MOST_KEPT)
}

export function takePatterns(change: PatternChange): void {
  marketPatterns.value = withChange(marketPatterns.peek(), change, MOST_KEPT)
}

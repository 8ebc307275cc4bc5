import { expect } from 'vitest'

import type { Row } from '../system/support/replay-into.ts'
import { readReferenceBars, type RecordedSet } from './trades.ts'

/** Decimals compared by value: `1.50` is `1.5`. */
export const plain = (text: string | null | undefined): string =>
  (text ?? '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')

/** Rows hold every bar that the venue published for a set, exactly. */
export function expectPublishedBars(set: RecordedSet, rows: readonly Row[]): void {
  const published = readReferenceBars(set)
  const byMinute = new Map(rows.map((row) => [`${row.symbol} ${row.timestamp}`, row]))
  for (const reference of published) {
    const row = byMinute.get(`${reference.symbol} ${reference.timestamp}`)
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
      expect(plain(row?.[name])).toBe(plain(reference[name]))
    if (reference.trade_count !== undefined) expect(row?.trade_count).toBe(reference.trade_count)
    if (reference.vwap !== undefined && reference.vwap !== '')
      expect(Math.trunc(Number(row?.vwap) * 10) / 10).toBe(Number(reference.vwap))
  }
  expect(published.length).toBeGreaterThan(271)
}

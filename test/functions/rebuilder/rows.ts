import type { ArchivedTrade } from '../../../functions/archive/archived-trade.ts'
import { archivedTrade } from '../../support/archived.ts'
import { HOUR } from './harness.ts'

let numbered = 0

/** A row of A, so many seconds after the hour; each in a record of its own unless it says so. */
export const row = (second: number, price: number, others: Partial<ArchivedTrade> = {}): ArchivedTrade =>
  archivedTrade({
    seconds: HOUR + second,
    price: { units: price, scale: 0 },
    sequenceNumber: `496${String(numbered++).padStart(10, '0')}`,
    arrivedAt: lastArrival(),
    ...others,
  })
export const line = { line: 'x', contiguous: true }
/** When the newest row arrived, in milliseconds. */
export const lastArrival = (): number => (HOUR + 3600) * 1000 + numbered

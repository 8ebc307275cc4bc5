import { NO_ID } from '../domain/trade.ts'
import { compareArrival, isOfRecord, lineOf, type Row } from './row.ts'

/** What is left of the rows of a symbol and hour: each trade once, and what was said of some of them later. */
export type DistinctTrades = {
  /** In the order of their time. */
  readonly trades: readonly Row[]
  /** Cancels and corrections, in the order of their arrival. */
  readonly changes: readonly Row[]
}

/**
 * Each trade once, whoever sent it: of records with one number of a producer the one that came first, and of trades with
 * one id of a line the one that came first.
 */
export function distinctTrades(rows: readonly Row[]): DistinctTrades {
  const records = new Map<string, Map<number, Row>>()
  for (const row of rows) {
    const sequence = row.of.sequence[row.at] ?? -1
    if (sequence >= 0) keepFirst(records, row.of.source[row.at] ?? '', sequence, row)
  }
  const ofFirstRecords = rows.filter((row) => {
    const sequence = row.of.sequence[row.at] ?? -1
    if (sequence < 0) return true
    const first = records.get(row.of.source[row.at] ?? '')?.get(sequence)
    return first === undefined || isOfRecord(first, row)
  })
  const ids = new Map<string, Map<number, Row>>()
  for (const row of ofFirstRecords) {
    const id = row.of.id[row.at] ?? NO_ID
    if (id !== NO_ID && isTrade(row)) keepFirst(ids, lineOf(row), id, row)
  }
  return {
    trades: ofFirstRecords.filter((row) => {
      if (!isTrade(row)) return false
      const id = row.of.id[row.at] ?? NO_ID
      return id === NO_ID || ids.get(lineOf(row))?.get(id) === row
    }),
    changes: ofFirstRecords.filter((row) => !isTrade(row)).toSorted(compareArrival),
  }
}

function isTrade({ of, at }: Row): boolean {
  return of.type[at] === 'trade'
}

function keepFirst(kept: Map<string, Map<number, Row>>, name: string, number: number, row: Row): void {
  const numbers = kept.get(name) ?? new Map<number, Row>()
  kept.set(name, numbers)
  const first = numbers.get(number)
  if (first === undefined || compareArrival(row, first) < 0) numbers.set(number, row)
}

import type { ArchiveColumns } from '../archive/archive-columns.ts'
import { compareSequenceNumbers } from '../domain/trade.ts'

/** A row of the archive, where it stands: an hour has hundreds of thousands of them. */
export type Row = { readonly of: ArchiveColumns; readonly at: number }

/** In the order in which the stream took them; 0 for a row and itself, as it stands in another object. */
export function compareArrival(one: Row, other: Row): number {
  const [shard = '', otherShard = ''] = [one.of.shard[one.at], other.of.shard[other.at]]
  return (
    (one.of.arrivedAt[one.at] ?? 0) - (other.of.arrivedAt[other.at] ?? 0) ||
    (shard === otherShard ? 0 : shard < otherShard ? -1 : 1) ||
    compareSequenceNumbers(one.of.sequenceNumber[one.at] ?? '', other.of.sequenceNumber[other.at] ?? '') ||
    (one.of.place[one.at] ?? 0) - (other.of.place[other.at] ?? 0)
  )
}

/** By the time of the trades; of one time by arrival. */
function compareTime(one: Row, other: Row): number {
  return (
    (one.of.seconds[one.at] ?? 0) - (other.of.seconds[other.at] ?? 0) ||
    (one.of.nanos[one.at] ?? 0) - (other.of.nanos[other.at] ?? 0) ||
    compareArrival(one, other)
  )
}

/** Whether two rows are of one record of the stream. */
export function isOfRecord(one: Row, other: Row): boolean {
  return (
    one.of.sequenceNumber[one.at] === other.of.sequenceNumber[other.at] &&
    one.of.shard[one.at] === other.of.shard[other.at]
  )
}

/** The line that the id of a row counts on. */
export function lineOf({ of, at }: Row): string {
  return of.line[at] ?? of.source[at] ?? ''
}

/**
 * The rows of each wanted symbol among those of some objects, in the order of their time, each once: objects of batches
 * that came again share rows.
 */
export function rowsBySymbol(
  groups: readonly ArchiveColumns[],
  symbols: ReadonlySet<string>,
): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>()
  for (const of of groups)
    for (let at = 0; at < of.count; at++) {
      const symbol = of.symbol[at] ?? ''
      const rows = found.get(symbol)
      if (rows !== undefined) rows.push({ of, at })
      else if (symbols.has(symbol)) found.set(symbol, [{ of, at }])
    }
  for (const [symbol, rows] of found) {
    const sorted = rows.toSorted(compareTime)
    found.set(
      symbol,
      sorted.filter((row, index) => {
        const before = sorted[index - 1]
        return before === undefined || compareTime(before, row) !== 0
      }),
    )
  }
  return found
}

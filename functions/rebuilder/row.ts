import type { ArchiveColumns, LeanColumns } from '../archive/archive-columns.ts'
import { inArrivalOrder, type Place } from './arrival-order.ts'

/** A row of the archive, where it stands: an hour has hundreds of thousands of them. */
export type Row = Place & {
  /** Its place in the order in which the stream took the rows of its symbol and hour. */
  readonly order: number
}

/** Rows of one symbol that stand together: the places `from` to `to` (not included). */
export type RowRun<Columns extends LeanColumns = ArchiveColumns> = {
  readonly of: Columns
  readonly from: number
  readonly to: number
}

/** In the order in which the stream took them. */
export function compareArrival(one: Row, other: Row): number {
  return one.order - other.order
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
export function lineOf({ of, at }: { readonly of: LeanColumns; readonly at: number }): string {
  return of.line[at] ?? of.source[at] ?? ''
}

/** The rows of each wanted symbol among those of some objects. */
export function runsBySymbol<Columns extends LeanColumns>(
  groups: readonly Columns[],
  symbols: ReadonlySet<string>,
): ReadonlyMap<string, readonly RowRun<Columns>[]> {
  const found = new Map<string, RowRun<Columns>[]>()
  for (const of of groups)
    for (let from = 0; from < of.count;) {
      const symbol = of.symbol[from] ?? ''
      let to = from + 1
      while (to < of.count && of.symbol[to] === symbol) to++
      const run = { of, from, to }
      const runs = found.get(symbol)
      if (runs !== undefined) runs.push(run)
      else if (symbols.has(symbol)) found.set(symbol, [run])
      from = to
    }
  return found
}

/** The rows of some runs of a symbol in the order of their time, each once: objects of batches that came again share rows. */
export function rowsOf(runs: readonly RowRun[]): readonly Row[] {
  return rowsAt(placesOf(runs))
}

/** Where the rows of some runs stand. */
export function placesOf(runs: Iterable<RowRun>): Place[] {
  const places: Place[] = []
  for (const { of, from, to } of runs) for (let at = from; at < to; at++) places.push({ of, at })
  return places
}

/** The rows of a symbol at some places in the order of their time, each once. */
export function rowsAt(places: readonly Place[]): readonly Row[] {
  return inArrivalOrder(places)
    .map(({ of, at }, order) => ({ of, at, order }))
    .toSorted(compareTime)
}

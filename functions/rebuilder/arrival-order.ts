import type { ArchiveColumns } from '../archive/archive-columns.ts'
import { isImportedShard } from '../archive/archive-key.ts'
import { compareSequenceNumbers } from '../domain/trade.ts'

/** Where a row of the archive stands. */
export type Place = { readonly of: ArchiveColumns; readonly at: number }

/** A row, and when the stream took it, Unix milliseconds: not before the rows of its shard that stand before it. */
type Arrived<Row extends Place> = { readonly row: Row; readonly shard: string; readonly arrivedAt: number }

/**
 * Puts rows of a symbol in the order in which the stream took them, each once.
 *
 * Within a shard the sequence numbers decide, as they do for the aggregator: the arrival is approximate, and goes back when
 * the clock of the stream does. A shard whose records all come behind those of another is taken for a child of that one, and
 * comes after it. Between others, and among imported trades, the arrival decides.
 */
export function inArrivalOrder<Row extends Place>(rows: readonly Row[]): readonly Row[] {
  const byShard = Map.groupBy(rows, ({ of, at }) => of.shard[at] ?? '')
  const arrived: Arrived<Row>[] = []
  let newest: { readonly number: string; readonly arrivedAt: number } | undefined
  for (const shard of [...byShard.keys()].toSorted((one, other) => (one < other ? -1 : 1))) {
    const ofShard = byShard.get(shard) ?? []
    if (isImportedShard(shard)) {
      for (const row of ofShard) arrived.push({ row, shard, arrivedAt: arrivalOf(row) })
      continue
    }
    const inOrder = ofShard.toSorted(compareNumbers)
    const [first, last] = [numberOf(inOrder[0]), numberOf(inOrder.at(-1))]
    let arrivedAt = newest !== undefined && isChildNumber(first, newest.number) ? newest.arrivedAt : -Infinity
    for (const row of inOrder) {
      arrivedAt = Math.max(arrivedAt, arrivalOf(row))
      arrived.push({ row, shard, arrivedAt })
    }
    const number =
      newest === undefined || compareSequenceNumbers(last, newest.number) > 0 ? last : newest.number
    newest = { number, arrivedAt: Math.max(arrivedAt, newest?.arrivedAt ?? -Infinity) }
  }
  const sorted = arrived.toSorted(compareArrived)
  return sorted.filter((each, index) => !isSame(each, sorted[index - 1])).map(({ row }) => row)
}

function compareArrived<Row extends Place>(one: Arrived<Row>, other: Arrived<Row>): number {
  return (
    one.arrivedAt - other.arrivedAt ||
    (one.shard === other.shard ? 0 : one.shard < other.shard ? -1 : 1) ||
    compareNumbers(one.row, other.row)
  )
}

/** Rows of batches that came again are in several objects. */
function isSame<Row extends Place>(one: Arrived<Row>, other: Arrived<Row> | undefined): boolean {
  return other !== undefined && one.shard === other.shard && compareNumbers(one.row, other.row) === 0
}

/** Within a shard: by sequence number, then place in the record. */
function compareNumbers(one: Place, other: Place): number {
  return (
    compareSequenceNumbers(numberOf(one), numberOf(other)) ||
    (one.of.place[one.at] ?? 0) - (other.of.place[other.at] ?? 0)
  )
}

function numberOf(row: Place | undefined): string {
  return row?.of.sequenceNumber[row.at] ?? ''
}

function arrivalOf({ of, at }: Place): number {
  return of.arrivedAt[at] ?? 0
}

/** Whether a number may be of a shard that was made when another had ended: higher, and not of two that were made together. */
function isChildNumber(first: string, last: string): boolean {
  if (compareSequenceNumbers(first, last) <= 0) return false
  const made = shardMadeAt(first)
  return made === undefined || made !== shardMadeAt(last)
}

/** A number of Kinesis has 47 hexadecimal digits: a two, then the second in which its shard was made. */
const DIGITS = 47n
const MARK = 2n
const MADE = 10n

/** What is equal for shards that were made in the same second; undefined for numbers of another form. */
function shardMadeAt(number: string): bigint | undefined {
  if (!/^\d+$/.test(number)) return undefined
  const value = BigInt(number)
  return value >> (4n * (DIGITS - 1n)) === MARK ? value >> (4n * (DIGITS - MADE)) : undefined
}

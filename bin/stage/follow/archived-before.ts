import type { ArchiveBucket } from '../../../functions/archive/archive-bucket.ts'
import { hourOf, hourPrefix, spanOfKey } from '../../../functions/archive/archive-key.ts'
import { compareSequenceNumbers } from '../../../functions/domain/trade.ts'
import type { ArchivedHours } from '../../../functions/rebuilder/archived-hours.ts'
import { inArrivalOrder, type Place } from '../../../functions/rebuilder/arrival-order.ts'
import { placesOf, runsBySymbol } from '../../../functions/rebuilder/row.ts'
import type { ShardStart } from './open-shard.ts'

const HOUR = 3600

/** What the archive has of the newest hours, and where the stream goes on. */
export type ArchivedBefore = {
  /** In the order of arrival. */
  readonly rows: readonly Place[]
  readonly startOf: (shard: string) => ShardStart
}

/** The first of the hours (Unix seconds) that are read by row: a trade that comes now may belong to the hour before. */
export function firstNewHour(now: number): number {
  return hourOf(now) - HOUR
}

/**
 * Reads the hours of the archive from a time (Unix seconds) to now, and finds where the stream is to be read from, so that each
 * record is in one of them: each shard from the batch that was archived last, which may not be in all of its objects yet.
 */
export async function readArchivedBefore(
  bucket: Pick<ArchiveBucket, 'list'>,
  whole: ArchivedHours,
  {
    from,
    now,
    symbols,
  }: { readonly from: number; readonly now: number; readonly symbols: ReadonlySet<string> },
): Promise<ArchivedBefore> {
  // Listed before they are read: what is put in between is in both.
  const newest = await newestSpans(bucket, now)
  const rows: Place[] = []
  for (let hour = Math.max(firstNewHour(now), hourOf(from)); hour <= hourOf(now) + HOUR; hour += HOUR)
    for (const runs of runsBySymbol(await whole(hour, symbols), symbols).values())
      for (const place of placesOf(runs)) rows.push(place)
  return {
    rows: inArrivalOrder(rows),
    startOf: (shard) => {
      const first = newest.get(shard)?.first
      return first === undefined
        ? { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(firstNewHour(now) * 1000) }
        : { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: first }
    },
  }
}

/** The batch of each shard that was archived last. */
async function newestSpans(bucket: Pick<ArchiveBucket, 'list'>, now: number) {
  const newest = new Map<string, { readonly first: string; readonly last: string }>()
  for (let hour = firstNewHour(now); hour <= hourOf(now) + HOUR; hour += HOUR)
    for await (const { key } of bucket.list(hourPrefix(hour))) {
      const span = spanOfKey(key)
      if (span === undefined) continue
      const known = newest.get(span.shard)
      if (known === undefined || compareSequenceNumbers(span.last, known.last) > 0)
        newest.set(span.shard, span)
    }
  return newest
}

import { createHash } from 'node:crypto'

import { type ArchiveColumns, archivedTradeAt } from '../archive/archive-columns.ts'
import type { ArchiveBucket, ArchiveObject } from '../archive/archive-bucket.ts'
import { ARCHIVE_PREFIX, mergedPrefix } from '../archive/archive-key.ts'
import type { ArchivedTrade } from '../archive/archived-trade.ts'
import { compareTrades, encodeArchive } from '../archive/encode-archive.ts'
import { readArchive } from '../archive/read-archive.ts'

export type CompactOptions = {
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  /** Whether time is left for another merge. */
  readonly hasTime: () => boolean
  /** Bytes of objects that are merged into one. @default 32 MiB */
  readonly maxBytes?: number
}

/** What a run came to. */
export type Compacted = { merged: number; into: number }

/** Objects could not be merged; the others were. */
class CompactError extends Error {
  override readonly name = 'CompactError'
}

/** An object may be overwritten by a batch that comes again. */
const SETTLED_MS = 3_600_000
/** About one and a half million trades, which fit into memory. */
const MAX_BYTES = 32 * 1024 * 1024

/**
 * Merges the objects of each hour into one, or several where they are large. What was merged is deleted once the new object is there: a run
 * that dies leaves both, whose rows are the same by their identity, and the next one merges them again.
 *
 * @throws CompactError when some cannot be merged, after all others were
 */
export async function compact(bucket: ArchiveBucket, options: CompactOptions): Promise<Compacted> {
  const { now, hasTime, maxBytes = MAX_BYTES } = options
  const settledAt = now() - SETTLED_MS
  const byPrefix = new Map<string, ArchiveObject[]>()
  for await (const object of bucket.list(ARCHIVE_PREFIX)) {
    if (object.modifiedAt > settledAt || object.bytes >= maxBytes) continue
    const prefix = mergedPrefix(object.key)
    const others = byPrefix.get(prefix)
    if (others === undefined) byPrefix.set(prefix, [object])
    else others.push(object)
  }
  const compacted = { merged: 0, into: 0 }
  const failures: Error[] = []
  for (const [prefix, objects] of byPrefix)
    for (const group of groupsOf(objects, maxBytes)) {
      if (!hasTime()) break
      try {
        await merge(bucket, prefix, group)
        compacted.merged += group.length
        compacted.into++
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)))
      }
    }
  const [first] = failures
  if (first === undefined) return compacted
  throw new CompactError(
    `${failures.length} merges failed, ${compacted.into} did not; the first: ${first.message}`,
    {
      cause: first,
    },
  )
}

/** Objects to be merged into one each: several, and not too large together. */
function groupsOf(
  objects: readonly ArchiveObject[],
  maxBytes: number,
): readonly (readonly ArchiveObject[])[] {
  const groups: ArchiveObject[][] = []
  let bytes = Infinity
  for (const object of objects) {
    bytes += object.bytes
    if (bytes <= maxBytes) groups.at(-1)?.push(object)
    else {
      groups.push([object])
      bytes = object.bytes
    }
  }
  return groups.filter((group) => group.length > 1)
}

async function merge(
  bucket: ArchiveBucket,
  prefix: string,
  objects: readonly ArchiveObject[],
): Promise<void> {
  const keys = objects.map(({ key }) => key)
  const rows: ArchivedTrade[] = []
  for (const key of keys)
    for (const columns of await readObject(bucket, key))
      for (let index = 0; index < columns.count; index++) rows.push(archivedTradeAt(columns, index))
  const key = `${prefix}${hashOf(keys)}.parquet`
  await bucket.put(key, encodeArchive(eachOnce(rows)))
  await bucket.delete(keys.filter((each) => each !== key))
}

async function readObject(bucket: ArchiveBucket, key: string): Promise<readonly ArchiveColumns[]> {
  try {
    return await readArchive(await bucket.read(key))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CompactError(`${key}: ${reason}`, { cause })
  }
}

/** Rows that are the same stand beside each other in the order of the archive. */
function eachOnce(rows: readonly ArchivedTrade[]): ArchivedTrade[] {
  const sorted = rows.toSorted(compareTrades)
  return sorted.filter((row, index) => {
    const before = sorted[index - 1]
    return before === undefined || compareTrades(before, row) !== 0
  })
}

/** The same objects make the same key. */
function hashOf(keys: readonly string[]): string {
  return createHash('sha256').update(keys.toSorted().join('\n')).digest('hex').slice(0, 32)
}

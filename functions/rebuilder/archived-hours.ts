import type { ArchiveBucket } from '../archive/archive-bucket.ts'
import type { ArchiveColumns, LeanColumns } from '../archive/archive-columns.ts'
import { hourPrefix } from '../archive/archive-key.ts'
import { ArchiveError, readArchive, readLeanArchive } from '../archive/read-archive.ts'
import { whileCompacted } from '../archive/while-compacted.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'

/** The trades of an hour (Unix seconds of its start), of some symbols; others may come along. */
export type ArchivedHours<Columns = ArchiveColumns> = (
  hour: number,
  symbols: ReadonlySet<string>,
) => Promise<readonly Columns[]>

export type Bucket = Pick<ArchiveBucket, 'list' | 'read'>
type ReadObject<Columns> = (
  bytes: Uint8Array,
  wanted: { readonly symbols: ReadonlySet<string> },
) => Promise<readonly Columns[]>

const READS_AT_ONCE = 8

/** The hours of an archive in S3. @throws ArchiveError naming the object that cannot be read */
export function createArchivedHours(bucket: Bucket): ArchivedHours {
  return hoursOf(bucket, readArchive)
}

/** The same, lean. @throws ArchiveError naming the object that cannot be read */
export function createLeanHours(bucket: Bucket): ArchivedHours<LeanColumns> {
  return hoursOf(bucket, readLeanArchive)
}

function hoursOf<Columns>(bucket: Bucket, read: ReadObject<Columns>): ArchivedHours<Columns> {
  return (hour, symbols) => whileCompacted(() => readHour(hour, symbols))

  async function readHour(hour: number, symbols: ReadonlySet<string>): Promise<readonly Columns[]> {
    const found: (readonly Columns[])[] = []
    const keys: string[] = []
    for await (const { key } of bucket.list(hourPrefix(hour))) keys.push(key)
    await concurrently(keys.entries(), READS_AT_ONCE, async ([place, key]) => {
      const bytes = await bucket.read(key)
      try {
        found[place] = await read(bytes, { symbols })
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new ArchiveError(`${key}: ${reason}`, { cause })
      }
    })
    return found.flat()
  }
}

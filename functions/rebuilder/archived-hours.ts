import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'

import type { ArchiveColumns } from '../archive/archive-columns.ts'
import { hourPrefix } from '../archive/archive-key.ts'
import { ArchiveError, readArchive } from '../archive/read-archive.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'

/** The trades of an hour (Unix seconds of its start), of some symbols; others may come along. */
export type ArchivedHours = (hour: number, symbols: ReadonlySet<string>) => Promise<readonly ArchiveColumns[]>

const READS_AT_ONCE = 8
const ATTEMPTS = 3

/** The hours of an archive in S3. @throws ArchiveError naming the object that cannot be read */
export function createArchivedHours(s3: S3Client, bucket: string): ArchivedHours {
  return async (hour, symbols) => {
    for (let attempt = 1; ; attempt++)
      try {
        return await readHour(hour, symbols)
      } catch (error) {
        // The compactor has merged an object since it was listed.
        if (attempt === ATTEMPTS || !(error instanceof Error) || error.name !== 'NoSuchKey') throw error
      }
  }

  async function readHour(hour: number, symbols: ReadonlySet<string>): Promise<readonly ArchiveColumns[]> {
    const found: (readonly ArchiveColumns[])[] = []
    const keys = await keysBelow(s3, bucket, hourPrefix(hour))
    await concurrently(keys.entries(), READS_AT_ONCE, async ([place, Key]) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
      try {
        found[place] = await readArchive((await Body?.transformToByteArray()) ?? new Uint8Array(), {
          symbols,
        })
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new ArchiveError(`${Key}: ${reason}`, { cause })
      }
    })
    return found.flat()
  }
}

async function keysBelow(s3: S3Client, Bucket: string, Prefix: string): Promise<readonly string[]> {
  const keys: string[] = []
  let ContinuationToken: string | undefined
  do {
    const { Contents = [], NextContinuationToken } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) }),
    )
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key)
    ContinuationToken = NextContinuationToken
  } while (ContinuationToken !== undefined)
  return keys
}

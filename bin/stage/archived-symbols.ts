import { S3Client } from '@aws-sdk/client-s3'

import { type ArchiveBucket, createArchiveBucket } from '../../functions/archive/archive-bucket.ts'
import { dayPrefix, hourOfKey } from '../../functions/archive/archive-key.ts'
import { readSymbols } from '../../functions/archive/read-archive.ts'
import { whileCompacted } from '../../functions/archive/while-compacted.ts'
import { concurrently } from '../../functions/shared/runtime/concurrently.ts'
import { clientOptions } from './client-options.ts'
import { deployedEnvironment } from './deployed-function.ts'
import type { DeployedStage } from './find-deployment.ts'

const HOUR = 3600
const DAY = 86_400
const READS_AT_ONCE = 8

/**
 * The archive of a deployment.
 *
 * @param part a function that works with it: a stage without an archive has none
 * @throws UsageError when no such function is deployed there
 */
export async function deployedArchive(deployed: DeployedStage, part = 'rebuilder'): Promise<ArchiveBucket> {
  const { ARCHIVE_BUCKET = '' } = await deployedEnvironment(part, deployed)
  const options = clientOptions('S3', deployed.environment)
  return createArchiveBucket(
    new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined }),
    ARCHIVE_BUCKET,
  )
}

/** The symbols that an archive has trades of in a span of time (Unix seconds; `to` is not in it), in their order. */
export async function archivedSymbols(
  bucket: Pick<ArchiveBucket, 'list' | 'read'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly string[]> {
  const symbols = new Set<string>()
  for (let day = from - (from % DAY); day < to; day += DAY)
    await whileCompacted(async () => {
      const keys: string[] = []
      for await (const { key } of bucket.list(dayPrefix(day))) if (isWithin(key, { from, to })) keys.push(key)
      await concurrently(keys, READS_AT_ONCE, async (key) => {
        for (const symbol of await readSymbols(await bucket.read(key))) symbols.add(symbol)
      })
    })
  return [...symbols].toSorted()
}

function isWithin(key: string, { from, to }: { readonly from: number; readonly to: number }): boolean {
  const hour = hourOfKey(key)
  return hour !== undefined && hour + HOUR > from && hour < to
}

import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'

import { concurrently } from '../../../functions/shared/runtime/concurrently.ts'
import { rejectedLineSchema } from '../../../functions/shared/dead-letters/rejected-line.ts'
import { clientOptions } from '../client-options.ts'
import { openBucket } from '../dead-letters/bucket.ts'
import type { DeployedStage } from '../find-deployment.ts'

/** The places in their records of ticks that were refused when they were applied, by sequence number of the record. */
export type RejectedTicks = ReadonlyMap<string, ReadonlySet<number>>

const AT_ONCE = 20
const TOO_LATE_KEY = /\/(\d+)\.too-late\.ndjson$/

/** Reads which ticks of some records lie in the dead-letter bucket because they came too late to be applied. */
export async function readRejectedTicks(
  { environment }: DeployedStage,
  name: string,
  { stream, sequences }: { readonly stream: string; readonly sequences: ReadonlySet<string> },
): Promise<RejectedTicks> {
  const options = clientOptions('S3', environment)
  const client = new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined })
  const keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: name, Prefix: `rejected/${stream}/` },
  ))
    for (const { Key = '' } of Contents) if (sequences.has(TOO_LATE_KEY.exec(Key)?.[1] ?? '')) keys.push(Key)
  const bucket = openBucket(client, name)
  const rejected = new Map<string, Set<number>>()
  await concurrently(keys, AT_ONCE, async (key) => {
    for (const line of ((await bucket.read(key)) ?? '').split('\n').filter((text) => text !== '')) {
      const { sequence, index = 0 } = rejectedLineSchema.parse(JSON.parse(line))
      rejected.set(sequence, (rejected.get(sequence) ?? new Set()).add(index))
    }
  })
  return rejected
}

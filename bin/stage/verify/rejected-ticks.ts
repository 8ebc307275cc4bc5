import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'

import { compareSequenceNumbers, type TradeRun } from '../../../functions/domain/trade.ts'
import { concurrently } from '../../../functions/shared/runtime/concurrently.ts'
import { rejectedLineSchema, singleLines } from '../../../functions/shared/dead-letters/rejected-line.ts'
import { clientOptions } from '../client-options.ts'
import { openBucket } from '../../../functions/shared/dead-letters/bucket.ts'
import type { DeployedStage } from '../find-deployment.ts'

/** The places in their records of ticks that were refused when they were applied, by `recordKey` of the record. */
export type RejectedTicks = ReadonlyMap<string, ReadonlySet<number>>

/** A record of a stream by its shard and sequence number. */
export function recordKey({ shard, sequenceNumber }: Pick<TradeRun, 'shard' | 'sequenceNumber'>): string {
  return `${shard} ${sequenceNumber}`
}

const AT_ONCE = 20
/** Of one record, or of a batch from one sequence number to another. */
const TOO_LATE_KEY = /\/(?<first>\d+)(?:-(?<last>\d+))?[^/]*\.too-late\.ndjson$/

/** Reads which ticks of some records lie in the dead-letter bucket because they came too late to be applied. */
export async function readRejectedTicks(
  { environment }: DeployedStage,
  name: string,
  { stream, sequences }: { readonly stream: string; readonly sequences: ReadonlySet<string> },
): Promise<RejectedTicks> {
  const options = clientOptions('S3', environment)
  const client = new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined })
  const sorted = [...sequences].toSorted(compareSequenceNumbers)
  const keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: name, Prefix: `rejected/${stream}/` },
  ))
    for (const { Key = '' } of Contents) if (mayBeOf(Key, sorted)) keys.push(Key)
  const bucket = openBucket(client, name)
  const rejected = new Map<string, Set<number>>()
  await concurrently(keys, AT_ONCE, async (key) => {
    for (const line of ((await bucket.read(key)) ?? '').split('\n').filter((text) => text !== '')) {
      const parsed = rejectedLineSchema.parse(JSON.parse(line))
      const record = recordKey({ shard: parsed.shard, sequenceNumber: parsed.sequence })
      const places = rejected.get(record) ?? new Set()
      for (const { index = 0 } of singleLines(parsed)) places.add(index)
      rejected.set(record, places)
    }
  })
  return rejected
}

/** Whether an object may hold rejections of records with some of these sequence numbers, given in order. */
function mayBeOf(key: string, sequences: readonly string[]): boolean {
  const { first, last } = TOO_LATE_KEY.exec(key)?.groups ?? {}
  if (first === undefined) return false
  const next = sequences.find((each) => compareSequenceNumbers(each, first) >= 0)
  return next !== undefined && (next === first || compareSequenceNumbers(next, last ?? first) <= 0)
}

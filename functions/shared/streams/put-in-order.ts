import { setTimeout } from 'node:timers/promises'

import type { PutRecordsCommandOutput, PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'

/** The part of a Kinesis client that we need. */
export type PutRecords = (
  stream: string,
  records: PutRecordsRequestEntry[],
) => Promise<Pick<PutRecordsCommandOutput, 'FailedRecordCount' | 'Records'>>

/** Kinesis did not take some records, however often they were put. */
export class StreamRefusedError extends Error {
  override readonly name = 'StreamRefusedError'
}

/** Text, or bytes as they are. */
export type RecordData = string | Uint8Array

export type PutOptions = {
  readonly ahead?: number
  readonly backOff?: (failures: number) => Promise<unknown>
}

const MAX_RECORDS = 500
const MAX_ATTEMPTS = 10

/**
 * Puts each key's records in order. By default a record is put only when Kinesis has taken the one before it, so that a
 * partly failed put cannot let a newer record of a key overtake an older one.
 *
 * @param queues by partition key the records, oldest first; what Kinesis has taken is removed from them
 * @param options.ahead records of a key that may be put at once; when one of them fails, those after it are put again,
 *   so that the newest comes last: for readers to whom an older one before that, and one twice, are harmless. @default 1
 * @param options.backOff waits after so many failures in a row
 * @throws StreamRefusedError when Kinesis keeps refusing; the queues then hold what is left
 */
export async function putInOrder(
  put: PutRecords,
  stream: string,
  queues: Map<string, RecordData[]>,
  { ahead = 1, backOff = jittered }: PutOptions = {},
): Promise<void> {
  let failures = 0
  while (queues.size > 0) {
    const heads = headsOf(queues, ahead)
    const answer = await put(
      stream,
      heads.map(({ key, data }) => ({ PartitionKey: key, Data: Buffer.from(data) })),
    )
    const failed = new Set<string>()
    for (const [index, { key }] of heads.entries()) {
      if (answer.Records?.[index]?.SequenceNumber === undefined) failed.add(key)
      if (failed.has(key)) continue
      const records = queues.get(key)
      records?.shift()
      if (records?.length === 0) queues.delete(key)
    }
    if ((answer.FailedRecordCount ?? 0) === 0) {
      failures = 0
      continue
    }
    if (++failures === MAX_ATTEMPTS) {
      const reason = answer.Records?.find((record) => record.ErrorCode !== undefined)
      throw new StreamRefusedError(
        `the stream ${stream} refused records of ${queues.size} keys ${failures} times in a row: ${reason?.ErrorCode} ${reason?.ErrorMessage}; give it more shards`,
      )
    }
    await backOff(failures)
  }
}

function headsOf(queues: ReadonlyMap<string, readonly RecordData[]>, ahead: number) {
  const heads: { readonly key: string; readonly data: RecordData }[] = []
  for (const [key, records] of queues) {
    for (const data of records.slice(0, Math.min(ahead, MAX_RECORDS - heads.length)))
      heads.push({ key, data })
    if (heads.length === MAX_RECORDS) break
  }
  return heads
}

function jittered(failures: number): Promise<void> {
  return setTimeout(Math.random() * 20 * 2 ** failures)
}

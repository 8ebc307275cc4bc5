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

const MAX_RECORDS = 500
const MAX_ATTEMPTS = 10

/**
 * Puts each key's records in order: a record is put only when Kinesis has taken the one before it, so that a partly
 * failed put cannot let a newer record of a key overtake an older one.
 *
 * @param queues by partition key the records, oldest first; what Kinesis has taken is removed from them
 * @param backOff waits after so many failures in a row
 * @throws StreamRefusedError when Kinesis keeps refusing; the queues then hold what is left
 */
export async function putInOrder(
  put: PutRecords,
  stream: string,
  queues: Map<string, (string | Uint8Array)[]>,
  backOff: (failures: number) => Promise<unknown> = jittered,
): Promise<void> {
  let failures = 0
  while (queues.size > 0) {
    const heads = [...queues].slice(0, MAX_RECORDS)
    const answer = await put(
      stream,
      heads.map(([PartitionKey, records]) => ({ PartitionKey, Data: Buffer.from(records[0] ?? '') })),
    )
    for (const [index, [key, records]] of heads.entries()) {
      if (answer.Records?.[index]?.SequenceNumber === undefined) continue
      records.shift()
      if (records.length === 0) queues.delete(key)
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

function jittered(failures: number): Promise<void> {
  return setTimeout(Math.random() * 20 * 2 ** failures)
}

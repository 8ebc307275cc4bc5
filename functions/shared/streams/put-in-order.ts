import { setTimeout } from 'node:timers/promises'

import type { PutRecordsCommandOutput, PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'

import { backoffMs } from './backoff.ts'
import { OrderedQueues } from './ordered-queues.ts'

/** The part of a Kinesis client that is used. */
export type PutRecords = (
  stream: string,
  records: PutRecordsRequestEntry[],
) => Promise<Pick<PutRecordsCommandOutput, 'FailedRecordCount' | 'Records'>>

/** Kinesis failed some records at every attempt. */
export class PutRetriesExhaustedError extends Error {
  override readonly name = 'PutRetriesExhaustedError'
}

/** Text, or bytes as they are. */
type RecordData = string | Uint8Array

export type PutOptions = {
  readonly ahead?: number
  readonly backOff?: (failures: number) => Promise<unknown>
}

const MAX_ATTEMPTS = 10

/**
 * Puts each key's records in order, and puts failed ones again. By default a record is put only when Kinesis has
 * accepted the one before it, so that a partly failed put cannot let a newer record of a key overtake an older one.
 *
 * @param queues by partition key the records, oldest first; accepted records are removed from them
 * @param options.ahead records of a key in one put: for readers to whom an older record before the newest one, and a
 *   record twice, are harmless; see `OrderedQueues`. @default 1
 * @param options.backOff waits after so many failures in a row. @default jittered, up to 5 s
 * @throws PutRetriesExhaustedError when Kinesis keeps failing records; the queues then hold what is left
 */
export async function putInOrder(
  put: PutRecords,
  stream: string,
  queues: Map<string, RecordData[]>,
  { ahead = 1, backOff = jittered }: PutOptions = {},
): Promise<void> {
  const ordered = new OrderedQueues(queues, {
    ahead,
    bytesOf: (key, data) => Buffer.byteLength(key) + Buffer.byteLength(data),
  })
  let failures = 0
  while (ordered.hasReady) {
    const heads = ordered.take()
    const { Records = [] } = await put(
      stream,
      heads.map(({ key, item }) => ({ PartitionKey: key, Data: Buffer.from(item) })),
    )
    const { failed } = ordered.settle(heads, (index) => Records[index]?.SequenceNumber !== undefined)
    if (failed.length === 0) {
      failures = 0
      continue
    }
    if (++failures === MAX_ATTEMPTS) {
      const reason = Records.find((record) => record.ErrorCode !== undefined)
      throw new PutRetriesExhaustedError(
        `the stream ${stream} failed records of ${queues.size} keys at ${failures} puts in a row: ${reason?.ErrorCode} ${reason?.ErrorMessage}; give it more shards`,
      )
    }
    await backOff(failures)
    ordered.release(failed)
  }
}

function jittered(failures: number): Promise<void> {
  return setTimeout(backoffMs(failures, Math.random()))
}

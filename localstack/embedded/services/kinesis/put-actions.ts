import * as z from 'zod'
import { action, addressed, type Action } from './action.ts'
import { KinesisError } from './errors.ts'
import { blob, hashKey, partitionKey, streamAddress } from './fields.ts'
import { limits } from './limits.ts'
import type { PutEntry } from './stream-store.ts'

const entry = z
  .object({ Data: blob, PartitionKey: partitionKey, ExplicitHashKey: hashKey.optional() })
  .transform(({ Data, PartitionKey, ExplicitHashKey }): PutEntry => ({
    data: Data,
    partitionKey: PartitionKey,
    explicitHashKey: ExplicitHashKey,
  }))
  .refine((record) => sizeOf(record) <= limits.recordBytes, {
    error: `Data and PartitionKey of a record must have at most ${limits.recordBytes} bytes together`,
  })

function sizeOf({ data, partitionKey: key }: PutEntry) {
  return data.byteLength + Buffer.byteLength(key)
}

const throttled = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for a shard of the stream.',
} as const

const putRecord = action(
  z.intersection(z.object({ ...streamAddress, SequenceNumberForOrdering: z.string().optional() }), entry),
  ({ store, throttle }, { data, partitionKey: key, explicitHashKey, ...address }) => {
    const record = { data, partitionKey: key, explicitHashKey }
    if (throttle(record)) throw new KinesisError(throttled.ErrorCode, throttled.ErrorMessage)
    const [put] = store.putRecords(addressed(address), [record])
    return { ShardId: put?.shardId, SequenceNumber: put?.sequenceNumber, EncryptionType: 'NONE' }
  },
)

const putRecords = action(
  z.object({ ...streamAddress, Records: z.array(entry).min(1).max(limits.putRecords) }),
  ({ store, throttle }, { Records, ...address }) => {
    const bytes = Records.reduce((sum, record) => sum + sizeOf(record), 0)
    if (bytes > limits.putRecordsBytes) {
      throw new KinesisError(
        'InvalidArgumentException',
        `Records size exceeds 5 MB limit: ${bytes} bytes, at most ${limits.putRecordsBytes}. Send fewer at once.`,
      )
    }
    const refused = Records.map((record) => throttle(record))
    const accepted = store.putRecords(
      addressed(address),
      Records.filter((_, index) => !refused[index]),
    )
    let next = 0
    return {
      FailedRecordCount: Records.length - accepted.length,
      Records: refused.map((isRefused) => {
        if (isRefused) return throttled
        const put = accepted[next++]
        return { SequenceNumber: put?.sequenceNumber, ShardId: put?.shardId }
      }),
      EncryptionType: 'NONE',
    }
  },
)

export const putActions = { PutRecord: putRecord, PutRecords: putRecords } satisfies Record<string, Action>

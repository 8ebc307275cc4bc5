import type { StoredRecord } from '../kinesis/stream-reader.ts'

/** Where the records of an event come from, and as whom the function is invoked. */
export type EventOrigin = {
  readonly shardId: string
  readonly streamArn: string
  readonly invokeIdentityArn: string
}

/** What Lambda lets an invocation carry. */
const payloadLimit = 6 * 1024 * 1024

/** The event that Lambda hands to a function for records of a Kinesis stream. */
export function toKinesisEvent(records: readonly StoredRecord[], origin: EventOrigin) {
  const { shardId, streamArn, invokeIdentityArn } = origin
  const awsRegion = streamArn.split(':')[3] ?? ''
  return {
    Records: records.map(({ sequenceNumber, partitionKey, data, arrivedAt }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber,
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
        approximateArrivalTimestamp: arrivedAt / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn,
      awsRegion,
      eventSourceARN: streamArn,
    })),
  }
}

/** What one invocation carries, as its records come. */
export class Payload {
  readonly #frame: number
  #bytes = 0

  constructor(origin: EventOrigin) {
    this.#frame = JSON.stringify(toKinesisEvent([emptyRecord], origin)).length + 2 * emptyRecordDigits
  }

  /** Takes the first of the next records that fit too; how many they are. The very first always fits. */
  take(records: readonly StoredRecord[]): number {
    for (const [index, { data, partitionKey }] of records.entries()) {
      // A character of the key takes at most six bytes as JSON.
      const bytes = this.#frame + Math.ceil(data.byteLength / 3) * 4 + partitionKey.length * 6
      if (this.#bytes > 0 && this.#bytes + bytes > payloadLimit) return index
      this.#bytes += bytes
    }
    return records.length
  }
}

const emptyRecordDigits = 64
const emptyRecord: StoredRecord = {
  sequenceNumber: '',
  partitionKey: '',
  data: new Uint8Array(),
  arrivedAt: 1_760_106_735_123,
}

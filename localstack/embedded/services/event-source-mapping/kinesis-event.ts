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

/** How many of the records fit into one invocation: at least one. */
export function fitting(records: readonly StoredRecord[], origin: EventOrigin): number {
  const frame = JSON.stringify(toKinesisEvent([emptyRecord], origin)).length + 2 * emptyRecordDigits
  let bytes = 0
  const tooMany = records.findIndex(({ data, partitionKey }) => {
    // A character of the key takes at most six bytes as JSON.
    bytes += frame + Math.ceil(data.byteLength / 3) * 4 + partitionKey.length * 6
    return bytes > payloadLimit
  })
  return tooMany === -1 ? records.length : Math.max(1, tooMany)
}

const emptyRecordDigits = 64
const emptyRecord: StoredRecord = {
  sequenceNumber: '',
  partitionKey: '',
  data: new Uint8Array(),
  arrivedAt: 1_760_106_735_123,
}

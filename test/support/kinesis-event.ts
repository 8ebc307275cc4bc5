import type { KinesisStreamRecord } from 'aws-lambda'

/** A record as Lambda hands it to a function. */
export function kinesisRecord(options: {
  readonly data: string | Uint8Array
  readonly partitionKey: string
  /** Its place on the shard. */
  readonly sequence: number
  /** Unix milliseconds. */
  readonly arrivedAt: number
  readonly shardId?: string
}): KinesisStreamRecord {
  const { data, partitionKey, sequence, arrivedAt, shardId = 'shardId-000000000000' } = options
  const sequenceNumber = `49${String(sequence).padStart(54, '0')}`
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
      data: Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: arrivedAt / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/test',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/ticks',
  }
}

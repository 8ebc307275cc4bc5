import type { KinesisStreamRecord } from 'aws-lambda'

/** The shard of a record: Lambda writes it before its sequence number. */
export function shardOf({ eventID }: Pick<KinesisStreamRecord, 'eventID'>): string {
  return eventID.split(':')[0] ?? eventID
}

/** Unix milliseconds at which the stream took a record. */
export function arrivalOf({ kinesis }: Pick<KinesisStreamRecord, 'kinesis'>): number {
  return Math.round(kinesis.approximateArrivalTimestamp * 1000)
}

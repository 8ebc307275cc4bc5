import type { KinesisStreamRecord } from 'aws-lambda'

const COLON = 0x3a

/** That of the last record: all of a batch are of one shard. */
let lastShard = ''

/** The shard of a record: Lambda writes it before its sequence number. */
export function shardOf({ eventID }: Pick<KinesisStreamRecord, 'eventID'>): string {
  if (eventID.charCodeAt(lastShard.length) !== COLON || !eventID.startsWith(lastShard)) {
    const end = eventID.indexOf(':')
    lastShard = end < 0 ? eventID : eventID.slice(0, end)
  }
  return lastShard
}

/** Unix milliseconds at which the stream took a record. */
export function arrivalOf({ kinesis }: Pick<KinesisStreamRecord, 'kinesis'>): number {
  return Math.round(kinesis.approximateArrivalTimestamp * 1000)
}

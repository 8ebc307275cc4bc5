import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { KinesisStreamRecord } from 'aws-lambda'

import { concurrently } from '../runtime/concurrently.ts'
import type { Rejection } from './rejection.ts'
import type { RejectedLine } from './rejected-line.ts'

/** What was rejected of one record. */
export type RejectedRecord = {
  readonly record: KinesisStreamRecord
  readonly rejections: readonly Rejection[]
  /** The place of the first trade of the chunk, where the record is applied in chunks. @default 0 */
  readonly from?: number
}

/** Dead-letters rejected records. Writing the same record's rejections of a kind again overwrites them. */
export type DeadLetters = (rejected: readonly RejectedRecord[], kind: RejectionKind) => Promise<void>

/**
 * `unreadable` content is rejected again at every delivery, `too-late` trades only when their record is first applied.
 * They have separate objects, so that a redelivery cannot overwrite the second with the first. `refused` are records
 * that the database does not accept.
 */
export type RejectionKind = 'unreadable' | 'too-late' | 'refused'

const PUTS_AT_ONCE = 20

/**
 * The dead-letter bucket: one object per record with a rejection,
 * `rejected/<stream>/<shard>/<sequence number>.<kind>.ndjson`, a line per rejection; one
 * object for each chunk of a record that is applied in chunks. The key depends only on the record, so a retried batch
 * overwrites its own objects.
 */
export function createDeadLetters(s3: S3Client, bucket: string): DeadLetters {
  return (rejected, kind) =>
    concurrently(rejected, PUTS_AT_ONCE, async (each) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: deadLetterKey(each.record, kind, each.from),
          Body: toNdjson(each),
          ContentType: 'application/x-ndjson',
        }),
      )
    })
}

/** The key of the object that holds what was rejected of a record. */
export function deadLetterKey(record: KinesisStreamRecord, kind: RejectionKind, from = 0): string {
  const { eventID, eventSourceARN, kinesis } = record
  const chunk = from === 0 ? '' : `-${from}`
  return `rejected/${eventSourceARN.split('/').at(-1)}/${shardOf(eventID)}/${kinesis.sequenceNumber}${chunk}.${kind}.ndjson`
}

function toNdjson({ record, rejections }: RejectedRecord): string {
  const { kinesis, eventID } = record
  return rejections
    .map(({ reason, detail, index, tick }): RejectedLine => ({
      reason,
      detail,
      shard: shardOf(eventID),
      sequence: kinesis.sequenceNumber,
      partitionKey: kinesis.partitionKey,
      arrivedAt: new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString(),
      ...(index === undefined ? payloadOf(kinesis.data) : { index, payload: tick }),
    }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
}

/** The record as text, or as base64 where it is not UTF-8. */
function payloadOf(data: string): { payload: string } | { payloadBase64: string } {
  try {
    return { payload: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64')) }
  } catch {
    return { payloadBase64: data }
  }
}

function shardOf(eventId: string): string {
  return eventId.split(':')[0] ?? eventId
}

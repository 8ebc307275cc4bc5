import { createHash } from 'node:crypto'

import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { KinesisStreamRecord } from 'aws-lambda'

import { shardOf } from '../streams/record-origin.ts'
import type { Rejection } from './rejection.ts'
import type { RejectedLine } from './rejected-line.ts'

/** What was rejected of one record. */
export type RejectedRecord = {
  readonly record: KinesisStreamRecord
  readonly rejections: readonly Rejection[]
}

/** Dead-letters rejected records of a batch. Writing the same rejections of a kind again overwrites them. */
export type DeadLetters = (rejected: readonly RejectedRecord[], kind: RejectionKind) => Promise<void>

/**
 * `unreadable` content is rejected again at every delivery, `too-late` trades only when their record is first applied.
 * They have separate objects, so that a redelivery cannot overwrite the second with the first. `refused` are records
 * that the database does not accept.
 */
export type RejectionKind = 'unreadable' | 'too-late' | 'refused'

/**
 * The dead-letter bucket: one object for all rejections of a kind of a batch, a line for each.
 * `rejected/<stream>/<shard>/<first>-<last>.<lines>-<hash>.<kind>.ndjson`: the first and last sequence number, and how
 * many lines it has. The hash is of the places of all lines, so that a batch that comes again overwrites its own object,
 * and one that comes again with other records beside writes another: no object loses a line.
 */
export function createDeadLetters(s3: S3Client, bucket: string): DeadLetters {
  return async (rejected, kind) => {
    const ofShards = Map.groupBy(rejected, ({ record }) => prefixOf(record))
    for (const ofShard of ofShards.values())
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: deadLetterKey(ofShard, kind),
          Body: ofShard.map(toNdjson).join(''),
          ContentType: 'application/x-ndjson',
        }),
      )
  }
}

/** The key of the object that holds what was rejected of records of a shard, given in their order. */
export function deadLetterKey(rejected: readonly RejectedRecord[], kind: RejectionKind): string {
  const [first] = rejected
  const last = rejected.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('nothing is rejected')
  const hash = createHash('sha256')
  let lines = 0
  for (const { record, rejections } of rejected)
    for (const { index, tick } of rejections) {
      hash.update(`${record.kinesis.sequenceNumber} ${index ?? tick ?? ''}\n`)
      lines++
    }
  const sequences = `${first.record.kinesis.sequenceNumber}-${last.record.kinesis.sequenceNumber}`
  const digest = hash.digest('hex').slice(0, HASH_DIGITS)
  return `${prefixOf(first.record)}/${sequences}.${lines}-${digest}.${kind}.ndjson`
}

const HASH_DIGITS = 16

function prefixOf(record: KinesisStreamRecord): string {
  return `rejected/${record.eventSourceARN.split('/').at(-1)}/${shardOf(record)}`
}

function toNdjson({ record, rejections }: RejectedRecord): string {
  const { kinesis } = record
  return rejections
    .map(({ reason, detail, index, tick, sentWith }): RejectedLine => ({
      reason,
      detail,
      shard: shardOf(record),
      sequence: kinesis.sequenceNumber,
      partitionKey: kinesis.partitionKey,
      arrivedAt: new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString(),
      ...(index !== undefined && { index }),
      ...(index !== undefined && sentWith),
      ...(tick === undefined ? payloadOf(kinesis.data) : { payload: tick }),
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

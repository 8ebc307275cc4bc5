import { createHash } from 'node:crypto'

import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { KinesisStreamRecord } from 'aws-lambda'

import { shardOf } from '../streams/record-origin.ts'
import type { Rejection } from './rejection.ts'
import { type RejectedLine, runsOf } from './rejected-line.ts'

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
 * The dead-letter bucket: one object for all rejections of a kind of a batch, a line for each; of a record with many, a
 * line for each of the first and one for all others that were rejected for the same reason.
 * `rejected/<stream>/<shard>/<first>-<last>.<count>-<hash>.<kind>.ndjson`: the first and last sequence number, and how
 * many rejections it has. The hash is of the places of all, so that a batch that comes again overwrites its own object,
 * and one that comes again with other records beside writes another: no object loses a rejection.
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
  let count = 0
  for (const { record, rejections } of rejected)
    for (const { index, tick } of rejections) {
      hash.update(`${record.kinesis.sequenceNumber} ${index ?? tick ?? ''}\n`)
      count++
    }
  const sequences = `${first.record.kinesis.sequenceNumber}-${last.record.kinesis.sequenceNumber}`
  const digest = hash.digest('hex').slice(0, HASH_DIGITS)
  return `${prefixOf(first.record)}/${sequences}.${count}-${digest}.${kind}.ndjson`
}

const HASH_DIGITS = 16

function prefixOf(record: KinesisStreamRecord): string {
  return `rejected/${record.eventSourceARN.split('/').at(-1)}/${shardOf(record)}`
}

/** Rejections of one record that have a line each: what comes behind them is seldom different, and has no end. */
const MAX_LINES = 100

function toNdjson({ record, rejections }: RejectedRecord): string {
  const lines = rejections.slice(0, MAX_LINES).map((each) => lineOf(record, each))
  const others = Map.groupBy(rejections.slice(MAX_LINES), ({ reason, tick, index, sentWith }) =>
    JSON.stringify([reason, tick === undefined, index === undefined, sentWith]),
  )
  for (const alike of others.values()) lines.push(lineOfMany(record, alike))
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function lineOf(
  record: KinesisStreamRecord,
  { reason, detail, index, tick, sentWith }: Rejection,
): RejectedLine {
  return {
    ...commonOf(record, reason, detail),
    ...(index !== undefined && { index, ...sentWith }),
    ...(tick === undefined ? payloadOf(record.kinesis.data) : { payload: tick }),
  }
}

/** One line for rejections that are alike. */
function lineOfMany(record: KinesisStreamRecord, alike: readonly Rejection[]): RejectedLine {
  const [first] = alike
  if (first === undefined) throw new RangeError('nothing is rejected')
  const { reason, index, tick, sentWith } = first
  const detail = `${alike.length} more of this record were rejected for the same reason; of the first: ${first.detail}`
  return {
    ...commonOf(record, reason, detail),
    ...(index !== undefined && { indexes: runsOf(alike.flatMap((each) => each.index ?? [])), ...sentWith }),
    // A record that is rejected as a whole is rejected once.
    ...(tick === undefined
      ? payloadOf(record.kinesis.data)
      : { payloads: alike.map((each) => each.tick ?? '') }),
  }
}

function commonOf(record: KinesisStreamRecord, reason: string, detail: string) {
  const { kinesis } = record
  return {
    reason,
    detail,
    shard: shardOf(record),
    sequence: kinesis.sequenceNumber,
    partitionKey: kinesis.partitionKey,
    arrivedAt: new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString(),
  }
}

/** The record as text, or as base64 where it is not UTF-8. */
function payloadOf(data: string): { payload: string } | { payloadBase64: string } {
  try {
    return { payload: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64')) }
  } catch {
    return { payloadBase64: data }
  }
}

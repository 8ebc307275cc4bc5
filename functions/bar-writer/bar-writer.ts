import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import type { DeadLetters, RejectedRecord } from '../shared/dead-letters.ts'
import { type BarRecord, parseBarRecord, RecordError } from '../shared/records.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { type BarsWritten, writeBars } from './write-bars.ts'

export type BarWriterParts = {
  readonly database: Queryable
  readonly deadLetters: DeadLetters
  /** Unix milliseconds. */
  readonly now: () => number
  readonly log: { error(message: string, details: Readonly<Record<string, unknown>>): void }
  /** Takes what one batch came to; latencies in milliseconds from the close of a bar to its row. */
  readonly measure: (batch: {
    readonly barsWritten: number
    /** Records that the database will never take; they go to the dead-letter bucket. */
    readonly refused: number
    readonly latencies: readonly number[]
  }) => void
}

type Refused = { readonly record: KinesisStreamRecord; readonly reason: string }

/**
 * The function: one statement per batch. Bars that can be written are written whatever their neighbours are; what
 * cannot be is put into the dead-letter bucket, so that it holds up nothing behind it.
 *
 * @throws when the database is away: the whole batch is to come again
 */
export function createBarWriter(parts: BarWriterParts): (event: KinesisStreamEvent) => Promise<void> {
  return async ({ Records }) => {
    const { sources, unreadable } = readRecords(Records)
    const result = await writeBars(parts.database, [...sources.keys()])
    report(parts, result, unreadable.length + result.refused.length)
    await parts.deadLetters(unreadable.map(toRejected), 'unreadable')
    const refused = result.refused.flatMap(({ bar, reason }) => {
      const record = sources.get(bar)
      return record === undefined ? [] : [{ record, reason }]
    })
    await parts.deadLetters(refused.map(toRejected), 'refused')
    for (const { record, reason } of [...unreadable, ...refused])
      parts.log.error('a record of the stream bars cannot be written; it is in the dead-letter bucket', {
        reason,
        shard: record.eventID.split(':')[0],
        sequenceNumber: record.kinesis.sequenceNumber,
        partitionKey: record.kinesis.partitionKey,
      })
  }
}

function toRejected({ record, reason }: Refused): RejectedRecord {
  return { record, rejections: [{ reason: 'refused', detail: reason, index: undefined, tick: undefined }] }
}

function readRecords(records: readonly KinesisStreamRecord[]): {
  sources: Map<BarRecord, KinesisStreamRecord>
  unreadable: Refused[]
} {
  const sources = new Map<BarRecord, KinesisStreamRecord>()
  const unreadable: Refused[] = []
  for (const record of records) {
    try {
      sources.set(parseBarRecord(Buffer.from(record.kinesis.data, 'base64').toString('utf8')), record)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      unreadable.push({ record, reason: error.message })
    }
  }
  return { sources, unreadable }
}

function report({ now, measure }: BarWriterParts, { written, revised }: BarsWritten, refused: number): void {
  const landed = [...written, ...revised]
  if (landed.length + refused === 0) return
  const time = now()
  measure({
    barsWritten: landed.length,
    refused,
    latencies: landed.map((bar) => time - bar.closed_at),
  })
}

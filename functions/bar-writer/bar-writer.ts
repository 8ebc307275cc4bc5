import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import type { DeadLetters, RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import {
  type BarRecord,
  type IndicatorsRecord,
  parseWritableRecord,
  type PatternsRecord,
  RecordError,
  type SignalRecord,
} from '../shared/streams/records.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { writeBars } from './write-bars.ts'
import { writeIndicators } from './write-indicators.ts'
import { writePatterns } from './write-patterns.ts'

export type BarWriterDeps = {
  readonly database: Queryable
  readonly deadLetters: DeadLetters
  /** Unix milliseconds. */
  readonly now: () => number
  readonly log: { error(message: string, details: Readonly<Record<string, unknown>>): void }
  readonly measure: (batch: BatchMeasures) => void
}

/** What one batch came to; latencies in milliseconds from the close of a bar to the row. */
export type BatchMeasures = {
  readonly barsWritten: number
  /** Records that the database will never take; they go to the dead-letter bucket. */
  readonly refused: number
  readonly latencies: readonly number[]
  /** Those of indicators. */
  readonly signalLatencies: readonly number[]
}

type Refused = { readonly record: KinesisStreamRecord; readonly reason: string }
type Writable = BarRecord | SignalRecord

/**
 * The function: one statement per table and batch. What can be written is written whatever its neighbours are; what
 * cannot be is put into the dead-letter bucket, so that it holds up nothing behind it.
 *
 * @throws when the database is away: the whole batch is to come again
 */
export function createBarWriter(deps: BarWriterDeps): (event: KinesisStreamEvent) => Promise<void> {
  return async ({ Records }) => {
    const { sources, unreadable } = readRecords(Records)
    const refused = await write(deps, sources, unreadable.length)
    await deps.deadLetters(unreadable.map(toRejected), 'unreadable')
    await deps.deadLetters(refused.map(toRejected), 'refused')
    for (const { record, reason } of [...unreadable, ...refused])
      deps.log.error('a record cannot be written; it is in the dead-letter bucket', {
        reason,
        stream: record.eventSourceARN.split('/').at(-1),
        shard: record.eventID.split(':')[0],
        sequenceNumber: record.kinesis.sequenceNumber,
        partitionKey: record.kinesis.partitionKey,
      })
  }
}

/** Writes to each table what a batch has for it; the records that are refused. */
async function write(
  { database, now, measure }: BarWriterDeps,
  sources: ReadonlyMap<Writable, KinesisStreamRecord>,
  unreadable: number,
): Promise<Refused[]> {
  const records = [...sources.keys()]
  const bars = await writeBars(database, records.filter(isBar))
  const indicators = await writeIndicators(database, records.filter(isIndicators))
  const patterns = await writePatterns(database, records.filter(isPatterns))
  const refused = [...bars.refused, ...indicators.refused, ...patterns.refused].flatMap(({ row, reason }) => {
    const record = sources.get(row)
    return record === undefined ? [] : [{ record, reason }]
  })
  const landed = [...bars.written, ...bars.revised]
  const time = now()
  const measures = {
    barsWritten: landed.length,
    refused: unreadable + refused.length,
    latencies: landed.map((bar) => time - bar.closed_at),
    signalLatencies: indicators.written.map((row) => time - row.closed_at),
  }
  if (measures.barsWritten + measures.refused + measures.signalLatencies.length > 0) measure(measures)
  return refused
}

function isBar(record: Writable): record is BarRecord {
  return record.type === 'bar'
}

function isIndicators(record: Writable): record is IndicatorsRecord {
  return record.type === 'indicators'
}

function isPatterns(record: Writable): record is PatternsRecord {
  return record.type === 'patterns'
}

function toRejected({ record, reason }: Refused): RejectedRecord {
  return { record, rejections: [{ reason: 'refused', detail: reason, index: undefined, tick: undefined }] }
}

function readRecords(records: readonly KinesisStreamRecord[]): {
  sources: Map<Writable, KinesisStreamRecord>
  unreadable: Refused[]
} {
  const sources = new Map<Writable, KinesisStreamRecord>()
  const unreadable: Refused[] = []
  for (const record of records) {
    try {
      sources.set(parseWritableRecord(Buffer.from(record.kinesis.data, 'base64').toString('utf8')), record)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      unreadable.push({ record, reason: error.message })
    }
  }
  return { sources, unreadable }
}

import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import { type BarRecord, parseBarRecord, RecordError } from '../shared/records.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { type BarsWritten, writeBars } from './write-bars.ts'

export type BarWriterParts = {
  readonly database: Queryable
  /** Unix milliseconds. */
  readonly now: () => number
  readonly log: { error(message: string, details: Readonly<Record<string, unknown>>): void }
  /** Takes what one batch came to; latencies in milliseconds from the close of a bar to its row. */
  readonly measure: (batch: { readonly barsWritten: number; readonly latencies: readonly number[] }) => void
}

type Rejected = { readonly record: KinesisStreamRecord; readonly reason: string }

/**
 * The function: one statement per batch. Bars that can be written are written whatever their neighbours are;
 * then the first record that cannot be is reported, and the event source mapping repeats from there a bounded
 * number of times (harmless to what has landed) and hands it to the failure destination.
 *
 * @throws when the database is away: the whole batch is to come again
 */
export function createBarWriter(
  parts: BarWriterParts,
): (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> {
  return async ({ Records }) => {
    const { sources, rejected } = readRecords(Records)
    const result = await writeBars(parts.database, [...sources.keys()])
    report(parts, result)
    for (const { bar, reason } of result.refused) {
      const record = sources.get(bar)
      if (record !== undefined) rejected.push({ record, reason })
    }
    for (const { record, reason } of rejected) {
      parts.log.error('a record of the stream bars cannot be written', {
        reason,
        shard: record.eventID.split(':')[0],
        sequenceNumber: record.kinesis.sequenceNumber,
        partitionKey: record.kinesis.partitionKey,
      })
    }
    const refused = new Set(rejected.map(({ record }) => record))
    const first = Records.find((record) => refused.has(record))
    return { batchItemFailures: first ? [{ itemIdentifier: first.kinesis.sequenceNumber }] : [] }
  }
}

function readRecords(records: readonly KinesisStreamRecord[]): {
  sources: Map<BarRecord, KinesisStreamRecord>
  rejected: Rejected[]
} {
  const sources = new Map<BarRecord, KinesisStreamRecord>()
  const rejected: Rejected[] = []
  for (const record of records) {
    try {
      sources.set(parseBarRecord(Buffer.from(record.kinesis.data, 'base64').toString('utf8')), record)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      rejected.push({ record, reason: error.message })
    }
  }
  return { sources, rejected }
}

function report({ now, measure }: BarWriterParts, { written, revised }: BarsWritten): void {
  const landed = [...written, ...revised]
  if (landed.length === 0) return
  const time = now()
  measure({ barsWritten: landed.length, latencies: landed.map((bar) => time - bar.closed_at) })
}

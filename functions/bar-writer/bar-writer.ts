import { setImmediate as nextTurn } from 'node:timers/promises'

import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import type { DeadLetters, RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import { shardOf } from '../shared/streams/record-origin.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { type Batch, parseBatch, type Unreadable } from '../shared/streams/consume.ts'
import { readLines } from '../shared/streams/lines.ts'
import { partialBatchResponse } from '../shared/streams/partial-batch-response.ts'
import { type BarRecord, parseWritableRecord, type PatternsRecord } from '../shared/streams/records.ts'
import { logReadFaults } from '../shared/streams/read-faults.ts'
import { type IndicatorRow, indicatorRow, scanIndicators } from './indicator-row.ts'
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

/** What one batch came to; latencies in milliseconds from the close of a bar to its row. */
export type BatchMeasures = {
  readonly barsWritten: number
  /** Records that the database never accepts; they are dead-lettered. */
  readonly refused: number
  /** Of those, records that a fault of our own kept from being read. */
  readonly faults: number
  readonly latencies: readonly number[]
  /** Those of indicators. */
  readonly signalLatencies: readonly number[]
}

type Refused = { readonly record: KinesisStreamRecord; readonly reason: string }
type Writable = BarRecord | IndicatorRow | PatternsRecord

/** Base64 of records that are written together. What comes of more, all of it alive at once, is copied again and again by the garbage collector. */
const WRITTEN_AT_ONCE = 400_000
/** Base64 of records that are read in one go, while Postgres writes those before them. */
const READ_AT_ONCE = 20_000

/**
 * The function: one statement per table, for so many records of a batch at once. A record that cannot be written is
 * dead-lettered, so that it blocks neither the other records of its batch nor the shard.
 *
 * @throws when the database is unavailable: the whole batch is redelivered, and what was written changes nothing
 */
export function createBarWriter(
  deps: BarWriterDeps,
): (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse> {
  return async ({ Records }) => {
    let writing = Promise.resolve()
    for (const records of piecesOf(Records, WRITTEN_AT_ONCE)) {
      const batch = await readPiece(records)
      await writing
      writing = process(deps, batch)
      // It is awaited when the next piece is read; until then a failure is not unhandled.
      writing.catch(() => undefined)
    }
    await writing
    return partialBatchResponse({ firstFailure: undefined })
  }
}

/** Reads records a few at a time, so that what is being written goes on in between. */
async function readPiece(records: readonly KinesisStreamRecord[]): Promise<Batch<Writable>> {
  const batches: Batch<Writable>[] = []
  for (const few of piecesOf(records, READ_AT_ONCE)) {
    batches.push(parseBatch(few, (payload, _record, refuse) => readLines(payload, readWritable, refuse)))
    await nextTurn()
  }
  return {
    readable: batches.flatMap(({ readable }) => readable),
    unreadable: batches.flatMap(({ unreadable }) => unreadable),
  }
}

/** Records in their order, cut where so much base64 is reached. */
function* piecesOf(
  records: readonly KinesisStreamRecord[],
  atOnce: number,
): Iterable<readonly KinesisStreamRecord[]> {
  let [from, size] = [0, 0]
  for (const [place, { kinesis }] of records.entries()) {
    size += kinesis.data.length
    if (size < atOnce) continue
    yield records.slice(from, place + 1)
    ;[from, size] = [place + 1, 0]
  }
  if (from < records.length) yield records.slice(from)
}

async function process(deps: BarWriterDeps, batch: Batch<Writable>): Promise<void> {
  const { unreadable } = batch
  const refused = await write(deps, batch)
  await deps.deadLetters(rejectedOf(unreadable), 'unreadable')
  await deps.deadLetters(rejectedOf(refused), 'refused')
  for (const { record, reason } of [...unreadable, ...refused])
    deps.log.error('a record cannot be written; it is in the dead-letter bucket', {
      reason,
      stream: record.eventSourceARN.split('/').at(-1),
      shard: shardOf(record),
      sequenceNumber: record.kinesis.sequenceNumber,
      partitionKey: record.kinesis.partitionKey,
    })
}

/** Writes to each table what a batch has for it. Returns the records that the database refuses. */
async function write(
  { database, now, log, measure }: BarWriterDeps,
  { readable, unreadable }: Batch<Writable>,
): Promise<Refused[]> {
  const sources = new Map(readable.map(({ record, item }) => [item, record]))
  const records = [...sources.keys()]
  const bars = await writeBars(database, records.filter(isBar))
  const indicators = await writeIndicators(database, records.filter(isIndicators))
  const patterns = await writePatterns(database, records.filter(isPatterns))
  const refused = [...bars.refused, ...indicators.refused, ...patterns.refused].flatMap(({ row, reason }) => {
    const record = sources.get(row)
    return record === undefined ? [] : [{ record, reason }]
  })
  const rows = [...bars.written, ...bars.revised]
  const time = now()
  const measures = {
    barsWritten: rows.length,
    refused: unreadable.length + refused.length,
    faults: logReadFaults(unreadable, log),
    latencies: rows.map((bar) => time - bar.closed_at),
    signalLatencies: indicators.written.map((row) => time - row.closed_at),
  }
  if (measures.barsWritten + measures.refused + measures.signalLatencies.length > 0) measure(measures)
  return refused
}

function readWritable(text: string): Writable {
  const scanned = scanIndicators(text)
  if (scanned !== undefined) return scanned
  const record = parseWritableRecord(text)
  return record.type === 'indicators' ? indicatorRow(record) : record
}

function isBar(record: Writable): record is BarRecord {
  return record.type === 'bar'
}

function isIndicators(record: Writable): record is IndicatorRow {
  return record.type === 'indicators'
}

function isPatterns(record: Writable): record is PatternsRecord {
  return record.type === 'patterns'
}

/**
 * By record, whole: of a record with several bars those that were written are written again at a redrive, which changes
 * nothing.
 */
function rejectedOf(given: readonly (Refused | Unreadable)[]): RejectedRecord[] {
  return [...Map.groupBy(given, ({ record }) => record)].map(([record, ofRecord]) => {
    const isFault = ofRecord.some((one) => 'fault' in one && one.fault !== undefined)
    const detail = ofRecord.map(({ reason }) => reason).join('; ')
    return {
      record,
      rejections: [{ reason: isFault ? 'fault' : 'refused', detail, index: undefined, tick: undefined }],
    }
  })
}

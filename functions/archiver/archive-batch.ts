import type { KinesisStreamRecord } from 'aws-lambda'

import { type AllowsNonPositive, createTickParser } from '../aggregator/decode.ts'
import type { ParsedRecord } from '../aggregator/parsed-record.ts'
import type { ArchiveBucket } from '../archive/archive-bucket.ts'
import { archiveKey, hourOf } from '../archive/archive-key.ts'
import type { ArchivedTrade } from '../archive/archived-trade.ts'
import { encodeArchive } from '../archive/encode-archive.ts'
import { concurrently } from '../shared/runtime/concurrently.ts'
import { parseBatch, type Parsed, type Unreadable } from '../shared/streams/consume.ts'
import { shardOf } from '../shared/streams/record-origin.ts'
import { rowsByRecord } from './archive-rows.ts'

export type ArchiverDeps = {
  readonly put: ArchiveBucket['put']
  readonly allowsNonPositive: AllowsNonPositive
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  /** Trades that are encoded together, beyond which a record goes to the next objects. @default 100,000 */
  readonly maxTrades?: number
}

/** What a batch came to. */
export type Archived = {
  readonly objects: number
  readonly trades: number
  /** Records that a fault of our own kept from being read; the aggregator dead-letters them. */
  readonly unreadable: readonly Unreadable[]
}

/** Memory for rows and their columns is bounded by it. */
const MAX_TRADES = 100_000
const PUTS_AT_ONCE = 8

/**
 * Archives a batch of the stream `ticks`: an object for each hour in which its trades happened. What cannot be read, the
 * aggregator dead-letters.
 *
 * @throws when an object cannot be put: the whole batch comes again, and overwrites what it has put
 */
export async function archiveBatch(
  deps: ArchiverDeps,
  records: readonly KinesisStreamRecord[],
): Promise<Archived> {
  const parse = createTickParser(records, deps.allowsNonPositive, { now: deps.now() })
  const { readable, unreadable } = parseBatch(records, parse)
  let objects = 0
  let trades = 0
  for (const group of groupsOf(readable, deps.maxTrades ?? MAX_TRADES)) {
    const { rows, span } = group
    const hours = [...Map.groupBy(rows, ({ seconds }) => hourOf(seconds))]
    await concurrently(hours, PUTS_AT_ONCE, async ([hour, ofHour]) => {
      await deps.put(archiveKey(hour, span), encodeArchive(ofHour))
    })
    objects += hours.length
    trades += rows.length
  }
  return { objects, trades, unreadable }
}

type Group = {
  readonly rows: readonly ArchivedTrade[]
  readonly span: Parameters<typeof archiveKey>[1]
}

/** The rows of the records of a shard, in its order, and the records that they are of: never a part of a record. */
function* groupsOf(readable: readonly Parsed<ParsedRecord>[], maxTrades: number): Generator<Group> {
  let rows: ArchivedTrade[] = []
  let first: KinesisStreamRecord | undefined
  let last: KinesisStreamRecord | undefined
  const group = (): Group[] => {
    if (first === undefined || last === undefined || rows.length === 0) return []
    const span = {
      shard: shardOf(first),
      first: first.kinesis.sequenceNumber,
      last: last.kinesis.sequenceNumber,
    }
    return [{ rows, span }]
  }
  for (const [record, ofRecord] of rowsByRecord(readable)) {
    if (rows.length >= maxTrades) {
      yield* group()
      rows = []
      first = undefined
    }
    first ??= record
    last = record
    for (const row of ofRecord) rows.push(row)
  }
  yield* group()
}

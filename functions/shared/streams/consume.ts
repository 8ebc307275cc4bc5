import type { KinesisStreamBatchResponse, KinesisStreamRecord } from 'aws-lambda'

import { partialBatchResponse } from './partial-batch-response.ts'
import { type Payload, PayloadReader } from './payload.ts'
import { RecordError } from './records.ts'

/**
 * Reads one record, which may hold several items.
 *
 * @param payload valid during the call only
 * @param refuse is told of an item that cannot be read, where the others can
 * @throws {RecordError} when the record is not what its stream carries
 */
export type ParseRecord<Item> = (
  payload: Payload,
  record: KinesisStreamRecord,
  refuse: (error: unknown) => void,
) => readonly Item[]

/** A record, and an item that was read from it. */
export type Parsed<Item> = { readonly record: KinesisStreamRecord; readonly item: Item }

/** A record that cannot be read, and why. */
export type Unreadable = {
  readonly record: KinesisStreamRecord
  readonly reason: string
  /** What a reader threw that is no `RecordError`: a fault of our own code. Undefined where the record is at fault. */
  readonly fault: unknown
}

/** The records of a batch, in the order of the shard. */
export type Batch<Item> = {
  readonly readable: readonly Parsed<Item>[]
  readonly unreadable: readonly Unreadable[]
}

/** What processing a batch came to. */
export type Processed = {
  /** Symbols that could not be processed, each with its error; their records are redelivered. */
  readonly failed: ReadonlyMap<string, unknown>
}

export const NO_FAILURES: Processed['failed'] = new Map()

/** The first record that could not be processed. */
type FirstFailure = { readonly sequenceNumber: string; readonly error: unknown }

/** What consuming a batch came to. */
export type Consumed<Result> = {
  readonly result: Result
  readonly unreadable: readonly Unreadable[]
  readonly firstFailure: FirstFailure | undefined
  /** What the function answers Lambda: the first failed record and all records after it are redelivered. */
  readonly response: KinesisStreamBatchResponse
}

/**
 * Consumes a batch of a stream: parses each record, passes what is readable on in the order of the shard, and answers
 * with the first record that failed.
 *
 * @throws what `process` throws: the whole batch is redelivered
 */
export async function consume<Item extends { readonly symbol: string }, Result extends Processed>(
  records: readonly KinesisStreamRecord[],
  {
    parse,
    process,
  }: {
    readonly parse: ParseRecord<Item>
    readonly process: (batch: Batch<Item>) => Promise<Result>
  },
): Promise<Consumed<Result>> {
  const batch = parseBatch(records, parse)
  const result = await process(batch)
  const firstFailure = findFirstFailure(batch, result.failed)
  return {
    result,
    unreadable: batch.unreadable,
    firstFailure,
    response: partialBatchResponse({ firstFailure }),
  }
}

/** Decodes and parses each record of a batch, and collects those that are unreadable. Never throws. */
export function parseBatch<Item>(
  records: readonly KinesisStreamRecord[],
  parse: ParseRecord<Item>,
): Batch<Item> {
  const readable: Parsed<Item>[] = []
  const unreadable: Unreadable[] = []
  const payload = new PayloadReader(records)
  for (const record of records) {
    const refuse = (error: unknown): void => void unreadable.push({ record, ...unreadableFor(error) })
    try {
      payload.take()
      const items = parse(payload, record, refuse)
      const item = items[0]
      if (items.length === 1 && item !== undefined) readable.push({ record, item })
      else for (const each of items) readable.push({ record, item: each })
    } catch (error) {
      refuse(error)
    }
  }
  return { readable, unreadable }
}

/** The last net: whatever a record does while it is read, it must not hold up its neighbours. */
function unreadableFor(error: unknown): Omit<Unreadable, 'record'> {
  if (error instanceof RecordError) return { reason: error.message, fault: undefined }
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    reason: `a fault of TickStock kept the record from being read (${said.slice(0, MAX_SAID)}); report it, and redrive the record once it is mended`,
    fault: error ?? new Error('nothing was thrown'),
  }
}

const MAX_SAID = 200

function findFirstFailure(
  { readable }: Batch<{ readonly symbol: string }>,
  failed: Processed['failed'],
): FirstFailure | undefined {
  if (failed.size === 0) return undefined
  const first = readable.find(({ item }) => failed.has(item.symbol))
  return (
    first && { sequenceNumber: first.record.kinesis.sequenceNumber, error: failed.get(first.item.symbol) }
  )
}

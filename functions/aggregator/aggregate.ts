import type { KinesisStreamRecord } from 'aws-lambda'

import type { SymbolEvent } from '../domain/event.ts'
import { compareSequenceNumbers } from '../domain/trade.ts'
import { advance, type StateDeps, type Totals } from '../minute-state/advance.ts'
import type { DeadLetters, RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import { type Batch, type Consumed, consume, type Unreadable } from '../shared/streams/consume.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'
import type { Progress } from './close-overdue.ts'
import { type AllowsNonPositive, createTickParser } from './decode.ts'
import { groupTrades } from './group-trades.ts'
import type { ParsedRecord } from './parsed-record.ts'
import { refusedRecords } from './refused-records.ts'

export type AggregatorDeps = StateDeps & {
  readonly deadLetters: DeadLetters
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  readonly allowsNonPositive: AllowsNonPositive
}

/** What a batch came to. */
export type Aggregated = Pick<Consumed<unknown>, 'unreadable' | 'firstFailure' | 'response'> & {
  readonly totals: Totals
  /** Trades and whole records that were rejected because they cannot be read. */
  readonly rejected: number
}

/**
 * Applies a batch of the stream `ticks`: dead-letters what is rejected, then commits, then emits, so that a trade is
 * acknowledged only when it is in the table or in the dead-letter bucket.
 *
 * @throws when no record of the batch may count as processed
 */
export async function aggregate(
  deps: AggregatorDeps,
  records: readonly KinesisStreamRecord[],
): Promise<Aggregated> {
  const { result, unreadable, firstFailure, response } = await consume(records, {
    parse: createTickParser(records, deps.allowsNonPositive, { now: deps.now() }),
    process: (batch) => apply(deps, batch),
  })
  const { totals, rejected } = result
  return { totals, rejected, unreadable, firstFailure, response }
}

/** How far a batch has come in its shard; undefined for an empty one. */
export function progressOf(records: readonly KinesisStreamRecord[]): Progress | undefined {
  const last = records.at(-1)
  return (
    last && {
      shard: shardOf(last),
      arrivedAt: arrivalOf(last),
    }
  )
}

async function apply(deps: AggregatorDeps, { readable: parsed, unreadable }: Batch<ParsedRecord>) {
  const { runs, rejected: ofTrades } = groupTrades(parsed)
  const rejected = inOrder([...ofTrades, ...unreadable.map(toRejected)])
  await deps.deadLetters(rejected, 'unreadable')
  const now = deps.now()
  const events = new Map<string, SymbolEvent>()
  for (const [symbol, ofSymbol] of runs) events.set(symbol, { type: 'trades', now, runs: ofSymbol })
  const { totals, failed } = await advance(deps, events, (refused) =>
    deps.deadLetters(refusedRecords(refused, { parsed, rules: deps.rules }), 'too-late'),
  )
  const rejections = rejected.reduce((sum, each) => sum + each.rejections.length, 0)
  return { totals, rejected: rejections, failed }
}

/** The reader of ticks says itself what is wrong with a record: what is left are faults of our own. */
function toRejected({ record, reason }: Unreadable): RejectedRecord {
  return { record, rejections: [{ reason: 'fault', detail: reason, index: undefined, tick: undefined }] }
}

/** Keys of dead letters are made of the first and last sequence number. */
function inOrder(rejected: readonly RejectedRecord[]): RejectedRecord[] {
  return rejected.toSorted((a, b) =>
    compareSequenceNumbers(a.record.kinesis.sequenceNumber, b.record.kinesis.sequenceNumber),
  )
}

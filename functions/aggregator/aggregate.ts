import type { KinesisStreamRecord } from 'aws-lambda'

import type { SymbolEvent } from '../domain/event.ts'
import { advance, type StateDeps, type Totals } from '../minute-state/advance.ts'
import type { DeadLetters } from '../shared/dead-letters/dead-letters.ts'
import { type Consumed, consume, type Parsed } from '../shared/streams/consume.ts'
import { arrivalOf, shardOf } from '../shared/streams/record-origin.ts'
import type { Progress } from './close-overdue.ts'
import { type AllowsNonPositive, createTickParser, groupTrades } from './decode.ts'
import type { ParsedRecord } from './parse-trades.ts'
import { refusedRecords } from './refused-records.ts'

export type AggregatorDeps = StateDeps & {
  readonly deadLetters: DeadLetters
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
  readonly allowsNonPositive: AllowsNonPositive
}

/** What a batch came to. */
export type Aggregated = Pick<Consumed<unknown>, 'firstFailure' | 'response'> & {
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
  const { result, firstFailure, response } = await consume(records, {
    parse: createTickParser(records, deps.allowsNonPositive),
    process: ({ readable }) => apply(deps, readable),
  })
  const { totals, rejected } = result
  return { totals, rejected, firstFailure, response }
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

async function apply(deps: AggregatorDeps, parsed: readonly Parsed<ParsedRecord>[]) {
  const { runs, rejected } = groupTrades(parsed)
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

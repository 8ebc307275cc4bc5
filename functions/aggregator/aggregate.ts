import type { KinesisStreamRecord } from 'aws-lambda'

import type { SymbolEvent } from '../domain/evolve.ts'
import { advance, type StateDeps, type Totals } from '../minute-state/advance.ts'
import type { DeadLetters } from '../shared/dead-letters/dead-letters.ts'
import { decodeBatch } from './decode.ts'
import { lateRecords } from './late-records.ts'

export type AggregatorDeps = StateDeps & {
  readonly deadLetters: DeadLetters
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number
}

/** What a batch came to. */
export type Aggregated = {
  readonly totals: Totals
  readonly rejected: number
  /** The first record that could not be handled; everything before it was. */
  readonly firstFailure: { readonly sequenceNumber: string; readonly error: unknown } | undefined
}

/**
 * Applies a batch of the stream `ticks`: rejects first, then commits, then emits, so that a tick is acknowledged only
 * when it is in the table or in the dead-letter bucket.
 *
 * @throws when nothing of the batch may count as handled
 */
export async function aggregate(
  deps: AggregatorDeps,
  records: readonly KinesisStreamRecord[],
): Promise<Aggregated> {
  const { runs, rejected } = decodeBatch(records)
  await deps.deadLetters(rejected, 'unreadable')
  const now = deps.now()
  const events = new Map<string, SymbolEvent>()
  for (const [symbol, ofSymbol] of runs) events.set(symbol, { type: 'trades', now, runs: ofSymbol })
  const { totals, failed } = await advance(deps, events, (tooLate) =>
    deps.deadLetters(lateRecords(tooLate, { records, rejected, rules: deps.rules }), 'too-late'),
  )
  let ofRecords = 0
  for (const { rejections } of rejected) ofRecords += rejections.length
  const first = records.find(({ kinesis }) => failed.has(kinesis.partitionKey))
  return {
    totals,
    rejected: ofRecords,
    firstFailure: first && {
      sequenceNumber: first.kinesis.sequenceNumber,
      error: failed.get(first.kinesis.partitionKey),
    },
  }
}

import type { KinesisStreamRecord } from 'aws-lambda'

import { formatDecimal } from '../domain/decimal.ts'
import type { SymbolEvent, TooLate } from '../domain/evolve.ts'
import type { Tick } from '../domain/tick.ts'
import { advance, type StateParts, type Totals } from '../shared/advance.ts'
import type { DeadLetters, RejectedRecord } from '../shared/dead-letters.ts'
import type { Rejection } from '../shared/rejected.ts'
import { decodeBatch } from './decode.ts'

export type AggregatorParts = StateParts & {
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
  parts: AggregatorParts,
  records: readonly KinesisStreamRecord[],
): Promise<Aggregated> {
  const { runs, rejected } = decodeBatch(records)
  await parts.deadLetters(rejected, 'unreadable')
  const now = parts.now()
  const events = new Map<string, SymbolEvent>()
  for (const [symbol, ofSymbol] of runs) events.set(symbol, { type: 'ticks', now, runs: ofSymbol })
  const { totals, failed } = await advance(parts, events, (tooLate) =>
    parts.deadLetters(lateRecords(tooLate, { records, rejected }), 'too-late'),
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

/** The ticks that came too late, as rejections of the records that brought them. */
function lateRecords(
  tooLate: ReadonlyMap<string, readonly TooLate[]>,
  batch: { readonly records: readonly KinesisStreamRecord[]; readonly rejected: readonly RejectedRecord[] },
): RejectedRecord[] {
  const late = new Map<string, Rejection[]>()
  for (const [symbol, ticks] of tooLate)
    for (const { run, index, behindSeconds } of ticks) {
      const tick = run.ticks[index]
      if (tick === undefined) continue
      const rejections = late.get(run.sequenceNumber) ?? []
      rejections.push({
        reason: 'too-late',
        detail: `the tick is ${behindSeconds.toFixed(3)} s older than the newest of ${symbol}, and its minute is closed; raise the allowed lateness or send it sooner`,
        index,
        tick: formatTick(tick),
      })
      late.set(run.sequenceNumber, rejections)
    }
  return batch.records.flatMap((record) => {
    const rejections = late.get(record.kinesis.sequenceNumber)
    if (rejections === undefined) return []
    const others = batch.rejected.find((each) => each.record === record)?.rejections ?? []
    return [
      {
        record,
        rejections: rejections.map((each) => ({ ...each, index: placeInBatch(each.index, others) })),
      },
    ]
  })
}

/** The place of a valid tick in its record, given which others of that record were refused. */
function placeInBatch(index: number | undefined, refused: readonly Rejection[]): number | undefined {
  let place = index
  for (const other of refused) {
    if (place !== undefined && other.index !== undefined && other.index <= place) place++
  }
  return place
}

function formatTick(tick: Tick): string {
  const time = `${tick.seconds}.${String(tick.nanos).padStart(9, '0')}`.replace(/\.?0+$/, '')
  const price = formatDecimal(tick.priceInteger, tick.priceFraction)
  return `[${time},${price},${formatDecimal(tick.volumeInteger, tick.volumeFraction)}]`
}

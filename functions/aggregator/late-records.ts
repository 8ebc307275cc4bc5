import type { KinesisStreamRecord } from 'aws-lambda'

import { formatDecimal } from '../domain/decimal.ts'
import type { Rules, TooLate } from '../domain/evolve.ts'
import type { Tick } from '../domain/tick.ts'
import type { RejectedRecord } from '../shared/dead-letters/dead-letters.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'

/** The ticks that came too late, as rejections of the records that brought them. */
export function lateRecords(
  tooLate: ReadonlyMap<string, readonly TooLate[]>,
  batch: {
    readonly records: readonly KinesisStreamRecord[]
    readonly rejected: readonly RejectedRecord[]
    readonly rules: Rules
  },
): RejectedRecord[] {
  const late = new Map<string, { readonly from: number; readonly rejections: Rejection[] }>()
  for (const [symbol, ticks] of tooLate)
    for (const { run, index, behindSeconds } of ticks) {
      const tick = run.ticks[index]
      if (tick === undefined) continue
      const { from = 0 } = run
      const found = late.get(run.sequenceNumber) ?? { from, rejections: [] }
      found.rejections.push({
        ...lateFault(symbol, behindSeconds, batch.rules),
        index: from + index,
        tick: formatTick(tick),
      })
      late.set(run.sequenceNumber, found)
    }
  return batch.records.flatMap((record) => {
    const found = late.get(record.kinesis.sequenceNumber)
    if (found === undefined) return []
    const others = batch.rejected.find((each) => each.record === record)?.rejections ?? []
    return [
      {
        record,
        from: found.from,
        rejections: found.rejections.map((each) => ({ ...each, index: placeInBatch(each.index, others) })),
      },
    ]
  })
}

function lateFault(
  symbol: string,
  behindSeconds: number,
  { latenessSeconds, lateTicks }: Rules,
): Pick<Rejection, 'reason' | 'detail'> {
  const behind = `the tick is ${Math.max(0, behindSeconds).toFixed(3)} s older than the newest of ${symbol}, and its minute is closed`
  if (behindSeconds > latenessSeconds)
    return { reason: 'too-late', detail: `${behind}; raise the allowed lateness or send it sooner` }
  return lateTicks === 'refuse'
    ? {
        reason: 'corrections-off',
        detail: `${behind}; turn the flag late-corrections on, and redrive it while it is less than ${latenessSeconds} s behind`,
      }
    : {
        reason: 'too-late',
        detail: `${behind}; it was final before the allowed lateness was raised, and stays as it is`,
      }
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

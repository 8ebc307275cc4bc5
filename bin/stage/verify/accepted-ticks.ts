import { minuteOf } from '../../../functions/domain/bar-builder.ts'
import { compareSequenceNumbers, isEarlier, type Trade } from '../../../functions/domain/trade.ts'
import { REDRIVE } from '../dead-letters/as-new-tick.ts'
import type { RejectedTicks } from './rejected-ticks.ts'
import type { StreamRun } from './stream-ticks.ts'

export type AcceptedTicks = {
  /** Those that make the bars, in order of arrival. */
  readonly ticks: readonly Trade[]
  /** Ticks that the aggregator has not processed yet. */
  readonly waiting: number
}

/**
 * The ticks of a symbol that count: without those that were rejected, that came later than the allowed lateness, that are
 * duplicates, or that wait behind the last record that was applied. A redriven tick counts where it was redriven.
 */
export function acceptedTicks(
  runs: readonly StreamRun[],
  {
    latenessSeconds,
    rejected,
    applied,
  }: { readonly latenessSeconds: number; readonly rejected: RejectedTicks; readonly applied: string },
): AcceptedTicks {
  const sequences = new Map<string, number>()
  const ticks: Trade[] = []
  let newest: Pick<Trade, 'seconds' | 'nanos'> = { seconds: -60, nanos: 0 }
  let waiting = 0
  for (const { producer, sequenceNumber, trades: ofRun, places } of runs) {
    if (compareSequenceNumbers(sequenceNumber, applied) > 0) {
      waiting += ofRun.length
      continue
    }
    if (producer !== undefined) {
      if ((sequences.get(producer.source) ?? -1) >= producer.sequence) continue
      sequences.set(producer.source, producer.sequence)
    }
    for (const [index, tick] of ofRun.entries()) {
      if (producer?.source === REDRIVE) removeOne(ticks, tick)
      if (rejected.get(sequenceNumber)?.has(places[index] ?? index)) continue
      const limit = { seconds: tick.seconds + latenessSeconds, nanos: tick.nanos }
      if (minuteOf(tick.seconds) < minuteOf(newest.seconds) && isEarlier(limit, newest)) continue
      if (!isEarlier(tick, newest)) newest = tick
      ticks.push(tick)
    }
  }
  return { ticks, waiting }
}

/** Removes a tick that was rejected at first: once it is redriven, no dead letter tells of that any more. */
function removeOne(ticks: Trade[], tick: Trade): void {
  const text = JSON.stringify(Object.values(tick))
  const index = ticks.findIndex((each) => JSON.stringify(Object.values(each)) === text)
  if (index >= 0) ticks.splice(index, 1)
}

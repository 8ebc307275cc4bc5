import { minuteOf } from '../../../functions/domain/bar-builder.ts'
import { compareSequenceNumbers, isEarlier, type Trade } from '../../../functions/domain/trade.ts'
import { REDRIVE } from '../dead-letters/as-new-tick.ts'
import type { RejectedTicks } from './rejected-ticks.ts'
import type { StreamRun } from './stream-ticks.ts'

export type AcceptedTicks = {
  /** Those that make the bars, in order of arrival. */
  readonly ticks: readonly Trade[]
  /** Ticks that the aggregator has not come to. */
  readonly waiting: number
}

/**
 * Which of a symbol's ticks count: none that was refused, none that came later than the allowed lateness, none of a put
 * that was repeated, none that still waits behind the last record that was applied. A tick that was put back counts
 * where it was put back.
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

/** Takes out what was refused at first; the note of it is gone once it is put back. */
function removeOne(ticks: Trade[], tick: Trade): void {
  const text = JSON.stringify(Object.values(tick))
  const index = ticks.findIndex((each) => JSON.stringify(Object.values(each)) === text)
  if (index >= 0) ticks.splice(index, 1)
}

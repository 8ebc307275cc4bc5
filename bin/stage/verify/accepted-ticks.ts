import { minuteOf } from '../../../functions/domain/bar-builder.ts'
import { formatDecimal } from '../../../functions/domain/decimal.ts'
import { ANY_SHARD } from '../../../functions/domain/minute-state.ts'
import {
  compareSequenceNumbers,
  countOf,
  isEarlier,
  NO_ID,
  type Trade,
  tradeAt,
} from '../../../functions/domain/trade.ts'
import { REDRIVE } from '../../../functions/shared/dead-letters/as-new-tick.ts'
import { recordKey, type RejectedTicks } from './rejected-ticks.ts'
import type { StreamRun } from './stream-ticks.ts'

export type AcceptedTicks = {
  /** Those that make the bars, in order of arrival. */
  readonly ticks: readonly Trade[]
  /** Ticks that the aggregator has not processed yet. */
  readonly waiting: number
}

type Accepting = {
  readonly latenessSeconds: number
  readonly rejected: RejectedTicks
  /** By shard the sequence number of the last record that was applied. */
  readonly applied: ReadonlyMap<string, string>
}

/**
 * The ticks of a symbol that count: without those that were rejected, that came later than the allowed lateness, that are
 * duplicates by record number or id, that were cancelled, or that wait behind the last record that was applied. A
 * redriven tick counts where it was redriven, a corrected one as it is now.
 */
export function acceptedTicks(runs: readonly StreamRun[], options: Accepting): AcceptedTicks {
  const sequences = new Map<string, number>()
  const ticks = new Map<string, Trade>()
  const seen = new Set<string>()
  let newest: Pick<Trade, 'seconds' | 'nanos'> = { seconds: -60, nanos: 0 }
  let waiting = 0
  let unnamed = 0
  for (const run of runs) {
    const { producer, places, replacements } = run
    if (isWaiting(run, options)) {
      waiting += countOf(run.trades)
      continue
    }
    if (producer !== undefined) {
      if ((sequences.get(producer.source) ?? -1) >= producer.sequence) continue
      if (run.isLast ?? true) sequences.set(producer.source, producer.sequence)
    }
    for (let index = 0; index < countOf(run.trades); index++) {
      const tick = tradeAt(run.trades, index)
      if (producer?.source === REDRIVE) {
        const refused = keyOfEqual(ticks, tick)
        ticks.delete(refused)
        seen.delete(refused)
      }
      if (options.rejected.get(recordKey(run))?.has(places[index] ?? index)) continue
      const { id = NO_ID } = tick
      const name = id === NO_ID ? `#${unnamed++}` : `${run.line?.name} ${id}`
      const isNew = !seen.has(name)
      if (run.type === 'trade' && !isNew) continue
      const limit = { seconds: tick.seconds + options.latenessSeconds, nanos: tick.nanos }
      if (minuteOf(tick.seconds) < minuteOf(newest.seconds) && isEarlier(limit, newest)) continue
      const replacement = replacements?.[index]
      const now = run.type === 'trade' ? tick : replacement && tradeAt(replacement, 0)
      // A cancelled trade stays seen; a correction of a trade that was cancelled changes nothing.
      if (now === undefined) ticks.delete(name)
      else if (isNew || ticks.has(name)) ticks.set(name, now)
      seen.add(name)
      if (now !== undefined && !isEarlier(tick, newest)) newest = tick
    }
  }
  return { ticks: [...ticks.values()], waiting }
}

function isWaiting({ shard, sequenceNumber }: StreamRun, { applied }: Accepting): boolean {
  const last = applied.get(shard) ?? applied.get(ANY_SHARD)
  return last === undefined || compareSequenceNumbers(sequenceNumber, last) > 0
}

/** The key of a tick that was rejected at first: once it is redriven, no dead letter tells of that any more. */
function keyOfEqual(ticks: ReadonlyMap<string, Trade>, tick: Trade): string {
  const text = textOf(tick)
  return [...ticks].find(([, each]) => textOf(each) === text)?.[0] ?? ''
}

function textOf({ seconds, nanos, price, volume }: Trade): string {
  return [seconds, nanos, ...[price, volume].map(({ units, scale }) => formatDecimal(units, scale))].join(' ')
}

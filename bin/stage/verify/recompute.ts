import { MINUTE_SECONDS } from '../../../functions/domain/bar-builder.ts'
import type { MinuteState } from '../../../functions/domain/minute-state.ts'
import { acceptedTicks } from './accepted-ticks.ts'
import { barKey } from './bar-differences.ts'
import { type PlainBar, plainFold } from './plain-fold.ts'
import type { RejectedTicks } from './rejected-ticks.ts'
import type { BarsByKey } from './stored-bars.ts'
import type { StreamRun } from './stream-ticks.ts'

/** The bars that the ticks on a stream make. */
export type Recomputed = {
  readonly bars: BarsByKey<PlainBar>
  /** Ticks that the aggregator has not processed yet. */
  readonly waiting: number
  /** True when the bar of that minute was emitted and no tick that was applied, or waits, can change it. */
  readonly isFinal: (symbol: string, start: number) => boolean
}

/** Folds the ticks that the aggregator has accepted. */
export function recompute(
  runs: ReadonlyMap<string, readonly StreamRun[]>,
  {
    states,
    latenessSeconds,
    rejected,
  }: {
    readonly states: ReadonlyMap<string, MinuteState>
    readonly latenessSeconds: number
    readonly rejected: RejectedTicks
  },
): Recomputed {
  const bars = new Map<string, PlainBar & { readonly symbol: string }>()
  const behind = new Set<string>()
  let allWaiting = 0
  for (const [symbol, ofSymbol] of runs) {
    const shards = states.get(symbol)?.shards ?? []
    const applied = new Map(shards.map(({ shard, sequenceNumber }) => [shard, sequenceNumber]))
    const { ticks, waiting } = acceptedTicks(ofSymbol, { latenessSeconds, rejected, applied })
    if (waiting > 0) behind.add(symbol)
    allWaiting += waiting
    for (const [start, bar] of plainFold(ticks)) bars.set(barKey(symbol, start), { ...bar, symbol })
  }
  return {
    bars,
    waiting: allWaiting,
    isFinal: (symbol, start) => {
      const state = states.get(symbol)
      if (state?.open?.start === start) return false
      if (!behind.has(symbol)) return true
      return state !== undefined && start + MINUTE_SECONDS + latenessSeconds <= state.newest.seconds
    },
  }
}

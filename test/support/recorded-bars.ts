import { type Bar, barOf } from '../../functions/domain/bar.ts'
import { evolve } from '../../functions/domain/evolve.ts'
import type { Outcome } from '../../functions/domain/event.ts'
import { INITIAL_STATE } from '../../functions/domain/minute-state.ts'
import type { Trade } from '../../functions/domain/trade.ts'
import { readTrades, type RecordedSet, runOf, toTrade } from './trades.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }

/** What the domain makes of a symbol's ticks that come as one batch, before and after a flush. */
export type DomainBars = {
  readonly beforeFlush: readonly Bar[]
  readonly bars: readonly Bar[]
  /** Of the batch. */
  readonly outcome: Outcome
}

/** Gives the ticks, in order of arrival, to `evolve`. */
export function domainBars(symbol: string, ticks: readonly Trade[]): DomainBars {
  const run = runOf(ticks, { sequenceNumber: '1' })
  const { state, outcome } = evolve(INITIAL_STATE, { type: 'trades', now: 0, runs: [run] }, RULES)
  const flushed = evolve(state, { type: 'flush', now: 0 }, RULES).state
  const [beforeFlush, bars] = [state, flushed].map(({ outbox }) =>
    outbox.map(({ builder, closedAt }) => barOf(symbol, builder, { closedAt })),
  )
  return { beforeFlush: beforeFlush ?? [], bars: bars ?? [], outcome }
}

/** The ticks of a set, in order, by symbol. */
export function recordedTicks(set: RecordedSet): ReadonlyMap<string, readonly Trade[]> {
  const bySymbol = Map.groupBy(readTrades(set), ({ symbol }) => symbol)
  return new Map([...bySymbol].map(([symbol, trades]) => [symbol, trades.map(toTrade)]))
}

/** Symbol and minute as the published bars spell it: `GC201312 2013-10-07T13:20:00Z`. */
export function keyOf(symbol: string, start: number): string {
  return `${symbol} ${new Date(start * 1000).toISOString().replace('.000', '')}`
}

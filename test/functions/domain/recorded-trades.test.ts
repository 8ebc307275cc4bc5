import { describe, expect, it } from 'vitest'

import { type Bar, barOf } from '../../../functions/domain/bar.ts'
import { parseDecimal } from '../../../functions/domain/decimal.ts'
import { evolve } from '../../../functions/domain/evolve.ts'
import { INITIAL_STATE } from '../../../functions/domain/symbol-state.ts'
import type { Tick } from '../../../functions/domain/tick.ts'
import { plainFold } from '../../../bin/verify/plain-fold.ts'
import { readReferenceBars, readTrades, RECORDED_SETS, toTick } from '../../support/trades.ts'

const RULES = { latenessSeconds: 120, graceMs: 2000 }

function barsOf(symbol: string, ticks: readonly Tick[]): Bar[] {
  const run = { sequenceNumber: '1', arrivedAt: 0, producer: undefined, ticks }
  const { state } = evolve(INITIAL_STATE, { type: 'ticks', now: 0, runs: [run] }, RULES)
  const flushed = evolve(state, { type: 'flush', now: 0 }, RULES).state
  return flushed.outbox.map(({ minute, closedAt }) => barOf(symbol, minute, { closedAt }))
}

describe.each(RECORDED_SETS)('the trades of %s', (set) => {
  const bySymbol = Map.groupBy(readTrades(set), ({ symbol }) => symbol)
  const bars = new Map(
    [...bySymbol].flatMap(([symbol, trades]) =>
      barsOf(symbol, trades.map(toTick)).map((bar) => [
        `${symbol} ${new Date(bar.start * 1000).toISOString().replace('.000', '')}`,
        bar,
      ]),
    ),
  )

  it('give every published bar, exactly', () => {
    const published = readReferenceBars(set)
    expect(published.length).toBe(
      { 'kraken-xbtusdt-20251110': 272, 'comex-gc-20131007': 1495, 'comex-gc-20131008': 1529 }[set],
    )
    for (const reference of published) {
      const bar = bars.get(`${reference.symbol} ${reference.timestamp}`)
      expect(bar).toBeDefined()
      for (const name of ['open', 'high', 'low', 'close', 'volume'] as const)
        expect(parseDecimal(bar?.[name] ?? '')).toEqual(parseDecimal(reference[name]))
      if (reference.trade_count !== undefined) expect(bar?.tradeCount).toBe(Number(reference.trade_count))
      // The exchange truncates its vwap to the digits it gives.
      if (reference.vwap !== undefined && reference.vwap !== '')
        expect(Math.trunc(Number(bar?.vwap) * 10) / 10).toBe(Number(reference.vwap))
    }
  })

  it('give the plain fold in every minute', () => {
    for (const [symbol, trades] of bySymbol) {
      const ticks = trades.map(toTick)
      const expected = [...plainFold(ticks).values()].toSorted((a, b) => a.start - b.start)
      expect(barsOf(symbol, ticks)).toEqual(
        expected.map((plain) => ({ ...plain, symbol, revision: 1, closedAt: 0 })),
      )
    }
  })
})

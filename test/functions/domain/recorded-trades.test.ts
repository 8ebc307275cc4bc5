import { describe, expect, it } from 'vitest'

import { parseDecimal } from '../../../functions/domain/decimal.ts'
import { plainFold } from '../../../bin/stage/verify/plain-fold.ts'
import { duckdbBars, judged } from '../../support/duckdb-bars.ts'
import { domainBars, keyOf, recordedTicks } from '../../support/recorded-bars.ts'
import { readReferenceBars, RECORDED_SETS } from '../../support/trades.ts'

describe.each(RECORDED_SETS)('the trades of %s', (set) => {
  const bySymbol = recordedTicks(set)
  const bars = new Map(
    [...bySymbol].flatMap(([symbol, ticks]) =>
      domainBars(symbol, ticks).bars.map((bar) => [keyOf(symbol, bar.start), bar]),
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
    for (const [symbol, ticks] of bySymbol) {
      const expected = [...plainFold(ticks).values()].toSorted((a, b) => a.start - b.start)
      expect(domainBars(symbol, ticks).bars).toEqual(
        expected.map((plain) => ({
          ...plain,
          symbol,
          revision: 1,
          complete: null,
          withdrawn: false,
          closedAt: 0,
        })),
      )
    }
  })

  it('give what DuckDB makes of them in every minute, the vwap to the last digit', async () => {
    const found = [...bars].map(([key, { tradeCount, ...bar }]) => [
      key,
      judged({ ...bar, trade_count: String(tradeCount) }),
    ])
    const minutes = [...(await duckdbBars(set))].map(([key, minute]) => [key, judged(minute)])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(minutes))
  })
})

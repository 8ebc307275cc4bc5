import fc from 'fast-check'
import { expect, it } from 'vitest'

import type { Bar } from '../../../functions/domain/bar.ts'
import { addTrades, startBar } from '../../../functions/domain/bar-builder.ts'
import type { PendingBar } from '../../../functions/domain/minute-state.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { barText, createBarStream } from '../../../functions/minute-state/bar-stream.ts'
import { type BarRecord, parseBarRecord } from '../../../functions/shared/streams/records.ts'
import { trade } from '../../support/trades.ts'

const T = 1_760_106_720

/** The bar of a minute after T, in a revision. */
function pendingBar(minute: number, revision: number): PendingBar {
  const seconds = T + minute * 60
  const started = startBar(seconds)
  addTrades(started, tradesOf([trade({ seconds, price: 10 })]), { from: 0, to: 1 })
  return { builder: { ...started, revision }, closedAt: T * 1000 }
}

it('bars are put as they lie in the outbox: a revision after the one before it, a minute after the last', async () => {
  const put: BarRecord[] = []
  const sink = createBarStream(async (_stream, records) => {
    const taken = records.map(({ PartitionKey, Data = Buffer.of() }) => {
      const bars = Buffer.from(Data).toString().split('\n').map(parseBarRecord)
      for (const { symbol } of bars) expect(PartitionKey).toBe(symbol)
      put.push(...bars)
      return { SequenceNumber: '1' }
    })
    return { FailedRecordCount: 0, Records: taken }
  }, 'bars')
  await sink(
    new Map([
      ['A', [pendingBar(0, 1), pendingBar(0, 2), pendingBar(1, 1), pendingBar(2, 1)]],
      ['B', [pendingBar(5, 1), pendingBar(4, 3)]],
    ]),
  )
  const orderOf = (symbol: string) =>
    put
      .filter((bar) => bar.symbol === symbol)
      .map(({ timestamp, revision }) => [(Date.parse(timestamp) / 1000 - T) / 60, revision])
  expect(orderOf('A')).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
    [2, 1],
  ])
  expect(orderOf('B')).toEqual([
    [5, 1],
    [4, 3],
  ])
})

const decimal = fc.bigInt(1n, 10n ** 20n).map((units) => `${units}.5`)
const bar: fc.Arbitrary<Bar> = fc.record({
  symbol: fc.oneof(
    fc.constantFrom('AAPL', '币安人生USDT', '"\\', '\u2028'),
    fc.string({ minLength: 1, unit: 'grapheme' }),
  ),
  start: fc.integer({ min: 5_300_000, max: 70_000_000 }).map((minute) => minute * 60),
  revision: fc.integer({ min: 1, max: 99 }),
  open: decimal,
  high: decimal,
  low: decimal.map((text) => `-${text}`),
  close: decimal,
  volume: decimal,
  notional: decimal,
  vwap: fc.option(decimal),
  tradeCount: fc.nat(),
  complete: fc.constantFrom(true, false, null),
  withdrawn: fc.boolean(),
  closedAt: fc.integer({ min: 0, max: 2_000_000_000_000 }),
})

it('a bar is written as JSON would write it', () => {
  fc.assert(
    fc.property(bar, (given) => {
      const { start, tradeCount, closedAt, withdrawn, ...same } = given
      expect(JSON.parse(barText(given))).toEqual({
        type: 'bar',
        timestamp: new Date(start * 1000).toISOString().replace('.000Z', 'Z'),
        timeframe: '1Min',
        ...same,
        trade_count: tradeCount,
        ...(withdrawn && { withdrawn }),
        closed_at: closedAt,
      })
    }),
  )
})

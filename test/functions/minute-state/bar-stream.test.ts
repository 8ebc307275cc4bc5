import { expect, it } from 'vitest'

import { addTrades, startBar } from '../../../functions/domain/bar-builder.ts'
import type { PendingBar } from '../../../functions/domain/minute-state.ts'
import { tradesOf } from '../../../functions/domain/trade.ts'
import { createBarStream } from '../../../functions/minute-state/bar-stream.ts'
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
      const bar = parseBarRecord(Buffer.from(Data).toString())
      expect(PartitionKey).toBe(bar.symbol)
      put.push(bar)
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

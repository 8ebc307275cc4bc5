import { expect, it } from 'vitest'

import { FILL_LIMITS, SymbolFeed } from '../../../feed/venues/symbol-feed.ts'
import type { VenueTrade } from '../../../feed/venues/venue.ts'

const trade = (id: number): VenueTrade => ({
  symbol: 'A',
  id,
  timestamp: `${1_760_106_720 + id}`,
  price: '1',
  volume: '1',
})

const settled = () => new Promise((resolve) => void setImmediate(resolve))

it('holds newer trades back for each gap, however long gaps follow each other', async () => {
  let now = 0
  const put: number[] = []
  const asked: PromiseWithResolvers<readonly VenueTrade[]>[] = []
  const feed = new SymbolFeed({
    symbol: 'A',
    place: undefined,
    put: ({ id }) => void put.push(id),
    async *fill() {
      const answer = Promise.withResolvers<readonly VenueTrade[]>()
      asked.push(answer)
      yield await answer.promise
    },
    report: () => undefined,
    clock: { now: () => now, sleep: async () => undefined },
    signal: new AbortController().signal,
    limits: { ...FILL_LIMITS, heldMs: 100 },
  })
  for (const id of [1, 3]) feed.take(trade(id))
  await settled()
  // The first gap is being asked for when the second one opens.
  now = 90
  feed.take(trade(5))
  asked[0]?.resolve([trade(2)])
  await settled()
  expect(put).toEqual([1, 2, 3])

  now = 120
  feed.take(trade(6))
  expect(put).toEqual([1, 2, 3])
  asked[1]?.resolve([trade(4)])
  await feed.settled()
  expect(put).toEqual([1, 2, 3, 4, 5, 6])
})

it('holds them back no longer than the limit for one gap', async () => {
  let now = 0
  const put: number[] = []
  const stopped = new AbortController()
  const feed = new SymbolFeed({
    symbol: 'A',
    place: undefined,
    put: ({ id }) => void put.push(id),
    // oxlint-disable-next-line require-yield -- a venue that does not answer
    async *fill() {
      await new Promise(() => undefined)
    },
    report: () => undefined,
    clock: { now: () => now, sleep: async () => undefined },
    signal: stopped.signal,
    limits: { ...FILL_LIMITS, heldMs: 100 },
  })
  for (const id of [1, 3]) feed.take(trade(id))
  await settled()
  now = 99
  feed.take(trade(4))
  expect(put).toEqual([1])
  now = 100
  feed.take(trade(5))
  expect(put).toEqual([1, 3, 4, 5])
})

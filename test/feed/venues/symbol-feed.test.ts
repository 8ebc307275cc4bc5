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

it('asks for many spans of one time within the patience for one of them, and gives up what the venue does not have', async () => {
  let now = 0
  const askedFor: number[] = []
  const reports: string[] = []
  const put: number[] = []
  const feed = new SymbolFeed({
    symbol: 'A',
    place: undefined,
    put: ({ id }) => void put.push(id),
    // oxlint-disable-next-line require-yield -- a venue that has none of them
    async *fill({ first }) {
      askedFor.push(first)
    },
    report: (text) => void reports.push(text),
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms
      },
    },
    signal: new AbortController().signal,
    limits: FILL_LIMITS,
  })
  // Every second trade is missing: 8 spans of a page each.
  const ids = Array.from({ length: 4001 }, (_, index) => 2 * index + 1)
  for (const id of ids) feed.take(trade(id))
  await feed.settled()
  expect(feed.counts.missing).toBe(4000)
  expect(put).toEqual(ids)
  // This clock is past the grace of the first gap when the others are noticed.
  expect(now).toBe(2 * FILL_LIMITS.graceMs + FILL_LIMITS.againMs.reduce((sum, ms) => sum + ms, 0))
  // The first one as often as before, those behind it at least once after the last wait.
  expect(Object.values(Object.groupBy(askedFor, String)).map((each) => each?.length)).toEqual([
    4,
    ...Array.from({ length: 7 }, () => 1),
  ])
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

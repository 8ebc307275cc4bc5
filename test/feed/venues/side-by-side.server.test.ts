import { expect, it } from 'vitest'

import { VENUES } from '../../../feed/venues/index.ts'
import { eventually } from '../../support/eventually.ts'
import { BEGIN } from '../../support/world.ts'
import { DIALECTS } from '../../venues/dialects.ts'
import { Market } from '../../venues/market.ts'
import { type Fate, VenueSimulator } from '../../venues/simulator.ts'
import { fakeKinesis } from '../fake-kinesis.ts'
import { barsOf, foldOf } from './bars.ts'
import { startFeed, tradesOn } from './running-feed.ts'

/** What happens to the trades of a quarter of a minute on the one way or the other; the REST API has none of them. */
const FAULTS: readonly Fate[] = ['lost', 'cut', 'doubled', 'cut-in-frame', 'late']

it.each(DIALECTS)('two feeds of $name that fail in turn have every bar complete', async (dialect) => {
  const venue = VENUES.get(dialect.name)
  if (venue === undefined) throw new Error(`no venue ${dialect.name}`)
  const market = new Market({ seed: 5, startMs: BEGIN * 1000 })
  const simulators = [new VenueSimulator(dialect, market), new VenueSimulator(dialect, market)]
  const stream = fakeKinesis()
  const symbols = dialect.symbols.slice(0, 1)
  const [symbol = ''] = symbols
  const feeds = await Promise.all(
    simulators.map(async (simulator) => {
      const server = await simulator.start(venue)
      simulator.oldestId = Number.MAX_SAFE_INTEGER
      return startFeed({ venue: server, market, simulator, stream, symbols })
    }),
  )
  const subscribed = (): Promise<boolean> =>
    eventually('both subscriptions', () => simulators.every((each) => each.subscribed.has(symbol)))
  try {
    for (let second = 0; second < 600; second++) {
      // Each has trouble for a quarter of a minute, and then the other.
      const failing = Math.floor(second / 15) % 2
      const fault = FAULTS[Math.floor(second / 15) % FAULTS.length] ?? 'lost'
      if (second % 15 === 0) await subscribed()
      const trade = market.next(symbol, 1_000_000)
      for (const [index, simulator] of simulators.entries())
        simulator.relay(trade, index === failing && second % 15 < 10 ? fault : 'sent')
      // The next quarter begins when what the healthy one has is on the stream.
      if (second % 15 === 14)
        await eventually('the trades', () => {
          const ids = new Set(tradesOn(stream).map(({ id }) => id))
          return market.of(symbol).every(({ id }) => ids.has(id))
        })
    }
  } finally {
    await Promise.all(feeds.map((feed) => feed.stop()))
    await Promise.all(simulators.map((simulator) => simulator.stop()))
  }
  const bars = await barsOf({ stream })
  const expected = foldOf({ market, symbols })
  expect(bars.size).toBe(expected.length)
  for (const [key, { open, high, low, close, volume, tradeCount }] of expected)
    expect(bars.get(key)).toMatchObject({
      open,
      high,
      low,
      close,
      volume,
      trade_count: tradeCount,
      complete: true,
    })
  // Neither has all of them.
  expect((await Promise.all(feeds.map((feed) => feed.finished))).every(({ missing }) => missing > 0)).toBe(
    true,
  )
})

import { describe, expect, it } from 'vitest'

import { createLiveBroadcast } from '../../../functions/broadcaster/broadcaster.ts'
import { createConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
import { LiveTicks } from '../../../functions/broadcaster/live-ticks.ts'
import { NO_SUBSCRIPTIONS, subscribe } from '../../../functions/broadcaster/subscriptions.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import {
  createMemoryConnectionItems,
  createMemoryConnectionStore,
  createMemorySubscriberIndex,
} from '../../support/memory-connection-store.ts'
import { bar } from '../bar-writer/bars.ts'
import { batchOf, NOW, recordsOf, World } from './world.ts'

const T = Math.floor(NOW / 1000)

type Live = {
  readonly world: World
  readonly put: (...symbols: readonly string[]) => Promise<void>
  /** At a time after the start, in milliseconds. */
  readonly putAt: (milliseconds: number, ...symbols: readonly string[]) => Promise<void>
  readonly measured: unknown[]
  readonly turn: (isOn: boolean) => void
}

/** The consumer of `ticks` beside that of bars; each batch arrives a second after the one before. */
function liveOf(world = new World()): Live {
  const measured: unknown[] = []
  let isOn = true
  let batches = 0
  const consume = createLiveBroadcast(
    {
      store: world.store,
      connections: world.ends,
      now: () => world.now,
      live: new LiveTicks(),
      allowsNonPositive: () => false,
    },
    {
      logger: { warn: () => {}, error: (message, details) => void world.logged.push({ message, details }) },
      measureLive: (measures) => void measured.push(measures),
    },
    async () => isOn,
  )
  return {
    world,
    measured,
    turn: (on) => {
      isOn = on
    },
    put: async (...symbols) => await putAt(1000 * (batches + 1), ...symbols),
    putAt,
  }

  async function putAt(milliseconds: number, ...symbols: readonly string[]): Promise<void> {
    batches++
    const arrivedAt = NOW + milliseconds
    world.now = arrivedAt
    const Records = symbols.map((symbol, index) =>
      kinesisRecord({
        data: JSON.stringify({ symbol, price: '10.5', volume: '1', timestamp: T }),
        partitionKey: symbol,
        sequence: 1000 * batches + index,
        arrivedAt,
      }),
    )
    await consume({ Records })
  }
}

const ticks = (symbol: string, trades = 1) =>
  expect.objectContaining({ type: 'ticks', symbol, close: '10.5', trades, time: T })

/** How many connections subscribe to the live ticks of a symbol that never trades: few are read whole, of many the index is asked. */
describe.each([
  ['few', 0],
  ['many', 40],
])('live ticks to %s connections', (_, others) => {
  const createLive = async (world?: World): Promise<Live> => {
    const live = liveOf(world)
    for (let each = 0; each < others; each++) {
      await live.world.connect(`other${each}`)
      await live.world.say(`other${each}`, { action: 'subscribe', symbols: ['QUIET'], types: ['ticks'] })
    }
    return live
  }

  it('are sent to who asks for them by name, and to nobody else', async () => {
    const { world, put, measured } = await createLive()
    const without = await world.subscribed('without', '*')
    const one = await world.connect('one')
    const all = await world.connect('all')
    await world.say('one', { action: 'subscribe', symbols: ['A'], types: ['bar', 'ticks'] })
    await world.say('all', { action: 'subscribe', symbols: ['*'], types: ['ticks'] })
    await put('A', 'B', 'A')
    expect(recordsOf(one)).toEqual([ticks('A', 2)])
    expect(recordsOf(all)).toEqual([ticks('A', 2), ticks('B')])
    expect(without.received).toEqual([])
    expect(measured).toEqual([{ sent: 2, dropped: 0 }])

    await world.say('one', { action: 'unsubscribe', symbols: ['*'] })
    await put('A')
    expect(recordsOf(one)).toHaveLength(1)
    expect(recordsOf(all)).toHaveLength(3)
  })

  it('that cannot be sent are dropped and counted; the connection stays, and its bars come', async () => {
    const { world, put, measured } = await createLive()
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['A'], types: ['bar', 'ticks'] })
    world.fateOf = () => 'refused'
    await put('A')
    world.fateOf = () => 'good'
    expect([client.isOpen, measured]).toEqual([true, [{ sent: 0, dropped: 1 }]])
    await world.consume({ Records: batchOf([bar({ symbol: 'A' })]) })
    await put('A')
    expect(recordsOf(client)).toEqual([expect.objectContaining({ type: 'bar' }), ticks('A')])
  })

  it('of a batch that fails are dropped, so that the next one comes', async () => {
    const store = createMemoryConnectionStore()
    let isAway = false
    const fewWanting: typeof store.fewWanting = async (topic, limit) => {
      if (isAway) throw new Error('the table is away')
      return await store.fewWanting(topic, limit)
    }
    const world = new World({ ...store, fewWanting })
    const live = await createLive(world)
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['A'], types: ['ticks'] })
    isAway = true
    await live.put('A')
    isAway = false
    expect(live.measured).toEqual([{ sent: 0, dropped: 1 }])
    expect(world.logged).toEqual([expect.objectContaining({ message: 'a batch of live ticks is dropped' })])
    await live.put('A')
    expect(recordsOf(client)).toEqual([ticks('A')])
  })

  it('are not sent while the flag is off, nor on a connection that is over', async () => {
    const { world, put, turn, measured } = await createLive()
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['A'], types: ['ticks'] })
    turn(false)
    await put('A')
    turn(true)
    await world.store.markToEnd('one', { expiresAt: T })
    await put('A')
    expect(recordsOf(client)).toEqual([])
    expect(measured).toEqual([{ sent: 0, dropped: 0 }])
  })

  it('that wait for the next record are sent with it, whatever symbol that is of', async () => {
    const { world, putAt } = await createLive()
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['A', 'B'], types: ['ticks'] })
    await putAt(1000, 'A')
    await putAt(1100, 'A')
    await putAt(1200, 'A')
    expect(recordsOf(client)).toEqual([ticks('A')])
    await putAt(1400, 'B')
    expect(recordsOf(client)).toEqual([ticks('A'), ticks('A', 2), ticks('B')])
  })

  it('leave out records and trades that the aggregator rejects', async () => {
    const { world, put } = await createLive()
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['*'], types: ['ticks'] })
    await put('A', 'not\na symbol', 'B')
    expect(recordsOf(client)).toEqual([ticks('A'), ticks('B')])
  })
})

describe('the reads of a batch of ticks', () => {
  const CONNECTIONS = 10_000
  const SYMBOLS = 2500

  /** Counts what is asked of the tables. */
  function countingStore() {
    const reads = { queries: 0, entries: 0, items: 0, scans: 0 }
    const items = createMemoryConnectionItems()
    const index = createMemorySubscriberIndex()
    const store = createConnectionStore(
      {
        ...items,
        load: async (ids) => {
          reads.items += ids.length
          return await items.load(ids)
        },
        all: async () => {
          reads.scans++
          return await items.all()
        },
      },
      {
        ...index,
        entries: async (topic) => {
          const found = await index.entries(topic)
          reads.queries++
          reads.entries += found.length
          return found
        },
        few: async (topic, limit) => {
          reads.queries++
          reads.entries += limit
          return await index.few(topic, limit)
        },
      },
    )
    return { reads, store }
  }

  it('are of the connections that want its symbols, not of all 10,000', async () => {
    const { reads, store } = countingStore()
    const live = liveOf(new World(store))
    const { world } = live
    for (let each = 0; each < CONNECTIONS; each++) {
      const symbols = [`S${each % SYMBOLS}`, `S${(each * 7 + 1) % SYMBOLS}`]
      await store.add(`C${each}`, { expiresAt: NOW })
      const added = await store.load(`C${each}`)
      if (added !== undefined)
        await store.commit(added, subscribe(NO_SUBSCRIPTIONS, { symbols, types: ['ticks'] }))
    }
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['S1', 'S2'], types: ['ticks'] })
    Object.assign(reads, { queries: 0, entries: 0, items: 0, scans: 0 })
    await live.put('S1', 'S2', 'S1')
    expect(recordsOf(client)).toEqual([ticks('S1', 2), ticks('S2')])
    // Whether they are few; S1, S2 and *. Each symbol has eight of the 10,000, and the one.
    expect(reads).toEqual({ queries: 4, entries: 25 + 2 * 9, items: 17, scans: 0 })
  })
})

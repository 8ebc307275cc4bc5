import { describe, expect, it } from 'vitest'

import { createLiveBroadcast } from '../../../functions/broadcaster/broadcaster.ts'
import { LiveTicks } from '../../../functions/broadcaster/live-ticks.ts'
import { kinesisRecord } from '../../support/kinesis-event.ts'
import { createMemoryConnectionStore } from '../../support/memory-connection-store.ts'
import { bar } from '../bar-writer/bars.ts'
import { batchOf, NOW, recordsOf, World } from './world.ts'

const T = Math.floor(NOW / 1000)

type Live = {
  readonly world: World
  readonly put: (...symbols: readonly string[]) => Promise<void>
  readonly measured: unknown[]
  readonly turn: (isOn: boolean) => void
}

/** The consumer of `ticks` beside that of bars; each batch arrives a second after the one before. */
function createLive(world = new World()): Live {
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
    put: async (...symbols) => {
      const arrivedAt = NOW + 1000 * ++batches
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
    },
  }
}

const ticks = (symbol: string, trades = 1) =>
  expect.objectContaining({ type: 'ticks', symbol, close: '10.5', trades, time: T })

describe('live ticks', () => {
  it('are sent to who asks for them by name, and to nobody else', async () => {
    const { world, put, measured } = createLive()
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
    const { world, put, measured } = createLive()
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
    const wanting: typeof store.wanting = async (topics) => {
      if (isAway) throw new Error('the table is away')
      return await store.wanting(topics)
    }
    const world = new World({ ...store, wanting })
    const live = createLive(world)
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
    const { world, put, turn, measured } = createLive()
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

  it('leave out records and trades that the aggregator rejects', async () => {
    const { world, put } = createLive()
    const client = await world.connect('one')
    await world.say('one', { action: 'subscribe', symbols: ['*'], types: ['ticks'] })
    await put('A', 'not\na symbol', 'B')
    expect(recordsOf(client)).toEqual([ticks('A'), ticks('B')])
  })
})

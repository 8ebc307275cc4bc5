import { describe, expect, it } from 'vitest'

import { POSTS_AT_ONCE } from '../../../functions/broadcaster/management-client.ts'
import { bar } from '../bar-writer/bars.ts'
import { indicators, patterns } from '../bar-writer/signals.ts'
import { batchOf, NOW, recordsOf, World } from './world.ts'

const [APPLE, MICROSOFT] = [bar({ symbol: 'AAPL' }), bar({ symbol: 'MSFT' })]

describe('a batch', () => {
  it('is sent to each client as far as it wants it, in one message and as it lies on the stream', async () => {
    const world = new World()
    const all = await world.subscribed('ALL', '*')
    const apple = await world.subscribed('APPLE', 'AAPL')
    const idle = await world.connect('IDLE')
    const text = JSON.stringify(APPLE, null, 1)
    expect(await world.consume({ Records: batchOf([text, MICROSOFT]) })).toEqual({ batchItemFailures: [] })
    expect(all.received).toEqual([[APPLE, MICROSOFT]])
    expect(apple.received).toEqual([[APPLE]])
    expect(idle.received).toEqual([])
    expect(world.measured.at(-1)).toEqual({
      connections: 3,
      messages: 2,
      faults: 0,
      failed: 0,
      latencies: [APPLE, MICROSOFT].map(({ closed_at }) => NOW - closed_at),
    })
  })

  it('is told apart by type', async () => {
    const world = new World()
    const client = await world.connect('A')
    await world.say('A', { action: 'subscribe', symbols: ['AAPL'], types: ['indicators', 'patterns'] })
    const signals = [indicators(), patterns(['doji'])]
    await world.consume({ Records: batchOf([APPLE, ...signals]) })
    expect(recordsOf(client)).toEqual(signals)
  })

  it('has records that are none of its streams’, or fit into no message: they are left out, and it is said', async () => {
    const world = new World()
    const client = await world.subscribed('A', '*')
    const huge = JSON.stringify(APPLE).padEnd(128 * 1024 - 1)
    const Records = batchOf([APPLE, 'poison', '{"type":"bar"}', huge, huge.slice(0, -1), MICROSOFT])
    await world.consume({ Records })
    expect(recordsOf(client)).toEqual([APPLE, APPLE, MICROSOFT])
    expect(world.logged).toEqual([
      { message: expect.stringContaining('cannot be broadcast'), details: { unreadable: 3 } },
    ])
  })

  it('larger than a message comes in several, in order', async () => {
    const world = new World()
    const client = await world.subscribed('A', '*')
    const bars = Array.from({ length: 1000 }, (_, index) => bar({ trade_count: index + 1 }))
    await world.consume({ Records: batchOf(bars) })
    expect(recordsOf(client)).toEqual(bars)
    expect(client.received.length).toBe(3)
  })

  it('reaches hundreds of clients, so many at once', async () => {
    const world = new World()
    const clients = []
    for (let index = 0; index < 300; index++) clients.push(await world.subscribed(`C${index}`, 'AAPL'))
    world.mostPosting = 0
    await world.consume({ Records: batchOf([APPLE]) })
    for (const client of clients) expect(client.received).toEqual([[APPLE]])
    expect(world.mostPosting).toBe(POSTS_AT_ONCE)
  })
})

describe('a client', () => {
  it('that is gone is forgotten, and the others get all', async () => {
    const world = new World()
    const [gone, other] = [await world.subscribed('GONE', '*'), await world.subscribed('OTHER', '*')]
    world.vanish('GONE')
    await world.consume({ Records: batchOf([APPLE]) })
    expect([gone.received, other.received]).toEqual([[], [[APPLE]]])
    expect((await world.store.all()).map(({ id }) => id)).toEqual(['OTHER'])
    expect(world.measured.at(-1)).toMatchObject({ messages: 1, failed: 0 })
  })

  it('that cannot be sent to is cut off, is counted, and holds up no other', async () => {
    const world = new World()
    const [bad, other] = [await world.subscribed('BAD', '*'), await world.subscribed('OTHER', '*')]
    world.fateOf = (call, id) => (call === 'post' && id === 'BAD' ? 'refused' : 'good')
    expect(await world.consume({ Records: batchOf([APPLE]) })).toEqual({ batchItemFailures: [] })
    expect(other.received).toEqual([[APPLE]])
    expect(bad).toMatchObject({ received: [], isOpen: false })
    expect(world.measured.at(-1)).toMatchObject({ connections: 2, messages: 1, failed: 1 })
    expect(world.logged).toEqual([
      {
        message: expect.stringContaining('could not be sent'),
        details: expect.objectContaining({ connectionId: 'BAD' }),
      },
    ])
    expect((await world.store.all()).map(({ id }) => id)).toEqual(['OTHER'])
  })

  it('that cannot be cut off either gets nothing more, not even what it could take, until it is', async () => {
    const world = new World()
    const bad = await world.subscribed('BAD', '*')
    world.fateOf = () => 'refused'
    await world.consume({ Records: batchOf([APPLE]) })
    expect(bad.isOpen).toBe(true)
    world.fateOf = (call) => (call === 'end' ? 'refused' : 'good')
    await world.consume({ Records: batchOf([MICROSOFT]) })
    expect(world.measured.at(-1)).toMatchObject({ messages: 0, failed: 1 })
    world.fateOf = () => 'good'
    await world.consume({ Records: batchOf([MICROSOFT]) })
    expect(bad).toMatchObject({ received: [], isOpen: false })
    expect(await world.store.all()).toEqual([])
  })

  it('that is slow holds up itself: the others have theirs before it', async () => {
    const world = new World()
    await world.subscribed('SLOW', '*')
    const other = await world.subscribed('OTHER', '*')
    const { promise, resolve } = Promise.withResolvers<void>()
    world.pause = async (id) => {
      if (id === 'SLOW') await promise
    }
    const done = world.consume({ Records: batchOf([APPLE]) })
    await expect.poll(() => other.received).toEqual([[APPLE]])
    resolve()
    await done
  })

  it('whose time is over is removed where no table does it, and gets nothing', async () => {
    const world = new World()
    const client = await world.subscribed('OLD', '*')
    world.now += 3 * 3600 * 1000
    await world.consume({ Records: batchOf([APPLE]) })
    expect(client).toMatchObject({ received: [], isOpen: false })
    expect(await world.store.all()).toEqual([])
  })

  it('keeps its connection for the two hours that API Gateway gives it', async () => {
    const world = new World()
    const client = await world.subscribed('OLD', '*')
    world.now += 2 * 3600 * 1000
    await world.consume({ Records: batchOf([APPLE]) })
    expect(client.received).toEqual([[APPLE]])
  })

  it('that leaves is forgotten', async () => {
    const world = new World()
    await world.subscribed('A', '*')
    expect(await world.happen('DISCONNECT', 'A')).toEqual({ statusCode: 200 })
    expect(await world.store.all()).toEqual([])
  })
})

describe('a message of a client', () => {
  it('is answered, also in a binary frame, and a bad one leaves the connection as it was', async () => {
    const world = new World()
    const client = await world.connect('A')
    await world.say('A', 'hello')
    await world.happen('MESSAGE', 'A', Buffer.from('{"action":"ping"}').toString('base64'), true)
    expect(client).toMatchObject({
      received: [{ type: 'error', error: expect.stringContaining('hello is not JSON') }, { type: 'pong' }],
      isOpen: true,
    })
    expect(world.measured).toEqual([1, 1].map((messages) => expect.objectContaining({ messages, failed: 0 })))
  })

  it('that comes at the same time as another is not lost', async () => {
    const world = new World()
    const client = await world.connect('A')
    const names = Array.from({ length: 10 }, (_, index) => `S${index}`)
    await Promise.all(names.map((name) => world.say('A', { action: 'subscribe', symbols: [name] })))
    expect(client.received).toHaveLength(10)
    expect([...((await world.store.load('A'))?.subscriptions.bar ?? [])].toSorted()).toEqual(names)
  })

  it('on a connection that is not known, or is to end, ends it, so that it looks like no subscription', async () => {
    const world = new World()
    const unknown = await world.connect('UNKNOWN')
    await world.store.remove('UNKNOWN')
    const marked = await world.connect('MARKED')
    await world.store.markToEnd('MARKED', { expiresAt: NOW })
    for (const id of ['UNKNOWN', 'MARKED']) await world.say(id, { action: 'subscribe', symbols: ['*'] })
    for (const client of [unknown, marked]) expect(client).toMatchObject({ received: [], isOpen: false })
    expect(await world.store.all()).toEqual([])
  })

  it('of a client that leaves before its answer is no fault, and the client is forgotten', async () => {
    const world = new World()
    await world.connect('A')
    world.vanish('A')
    await world.say('A', { action: 'subscribe', symbols: ['*'] })
    expect(await world.store.all()).toEqual([])
    expect(world.measured.at(-1)).toMatchObject({ failed: 0 })
    expect(world.logged).toEqual([])
  })

  it('whose answer cannot be sent ends the connection', async () => {
    const world = new World()
    const client = await world.connect('A')
    world.fateOf = (call) => (call === 'post' ? 'lost' : 'good')
    await world.say('A', { action: 'subscribe', symbols: ['*'] })
    expect(client.isOpen).toBe(false)
    expect(world.measured.at(-1)).toMatchObject({ messages: 0, failed: 1 })
  })
})

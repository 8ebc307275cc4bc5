import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Audience } from '../../../functions/broadcaster/audience.ts'
import { WHOLE_MS } from '../../../functions/broadcaster/audience.ts'
import type { ConnectionItems } from '../../../functions/broadcaster/connection-items.ts'
import { createConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
import type { SubscriberIndex } from '../../../functions/broadcaster/subscriber-index.ts'
import { topicsOf } from '../../../functions/broadcaster/topics.ts'
import {
  createMemoryConnectionItems,
  createMemorySubscriberIndex,
} from '../../support/memory-connection-store.ts'
import { bar } from '../bar-writer/bars.ts'
import { indicators } from '../bar-writer/signals.ts'
import { batchOf, BY_INDEX, recordsOf, World } from './world.ts'

const SYMBOLS = ['A', 'B', 'C', 'D']
const IDS = ['one', 'two', 'three', 'four']

const messageArbitrary = fc.record({
  action: fc.constantFrom('subscribe', 'unsubscribe'),
  symbols: fc.uniqueArray(fc.constantFrom('*', ...SYMBOLS), { minLength: 1, maxLength: 3 }),
  types: fc.uniqueArray(fc.constantFrom('bar', 'indicators', 'ticks'), { minLength: 1 }),
})
const stepArbitrary = fc.oneof(
  fc.record({ type: fc.constant('say' as const), id: fc.constantFrom(...IDS), message: messageArbitrary }),
  fc.record({
    type: fc.constant('batch' as const),
    symbols: fc.array(fc.constantFrom(...SYMBOLS), { minLength: 1, maxLength: 5 }),
    record: fc.constantFrom('bar', 'indicators'),
  }),
  fc.record({ type: fc.constantFrom('vanish' as const, 'leave' as const), id: fc.constantFrom(...IDS) }),
)
type Step = typeof stepArbitrary extends fc.Arbitrary<infer Value> ? Value : never

/** What each client has got in the end, message by message. */
async function messagesOf(steps: readonly Step[], audience: (world: World) => Audience): Promise<unknown> {
  const world = new World(undefined, audience)
  const clients = await Promise.all(IDS.map(async (id) => await world.connect(id)))
  let place = 0
  for (const step of steps)
    switch (step.type) {
      case 'say':
        await world.say(step.id, step.message)
        break
      case 'batch': {
        const records = step.symbols.map((symbol) => {
          const change = { symbol, revision: ++place }
          return step.record === 'bar' ? bar(change) : indicators(change)
        })
        await world.consume({ Records: batchOf(records) })
        break
      }
      case 'vanish':
        world.vanish(step.id)
        break
      case 'leave':
        world.vanish(step.id)
        await world.happen('DISCONNECT', step.id)
        break
    }
  return clients.map(({ received }) => received)
}

/** Tables whose requests are counted, or wait for a scheduler. */
function watchedTables(before: (request: string) => Promise<void>): {
  readonly items: ConnectionItems
  readonly index: SubscriberIndex
} {
  const [items, index] = [createMemoryConnectionItems(), createMemorySubscriberIndex()]
  const watched =
    <Given extends unknown[], Result>(name: string, call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      await before(name)
      return await call(...given)
    }
  return {
    items: {
      add: watched('add', (...given) => items.add(...given)),
      load: watched('load', (...given) => items.load(...given)),
      commit: watched('commit', (...given) => items.commit(...given)),
      markToEnd: watched('mark', (...given) => items.markToEnd(...given)),
      remove: watched('remove', (...given) => items.remove(...given)),
      all: watched('all', (...given) => items.all(...given)),
      few: watched('few', (...given) => items.few(...given)),
    },
    index: {
      put: watched('put entry', (...given) => index.put(...given)),
      remove: watched('remove entry', (...given) => index.remove(...given)),
      entries: watched('entries', (...given) => index.entries(...given)),
      few: watched('few entries', (...given) => index.few(...given)),
      everything: watched('everything', () => index.everything()),
    },
  }
}

describe('the index of subscribers', () => {
  it('gives each client the messages that reading all connections gives it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 40, size: 'max' }), async (steps) => {
        const whole = ({ store }: World): Audience => ({ everyone: async () => await store.all() })
        expect(await messagesOf(steps, () => BY_INDEX)).toEqual(await messagesOf(steps, whole))
      }),
      { numRuns: 250 },
    )
  })

  it('has what connections subscribe to, in whatever order their messages, batches and the tables answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(messageArbitrary, { minLength: 2, maxLength: 6 }),
        fc.scheduler(),
        async (messages, scheduler) => {
          const tables = watchedTables(
            async (request) => await scheduler.schedule(Promise.resolve(), request),
          )
          const store = createConnectionStore(tables.items, tables.index)
          const world = new World(store, () => BY_INDEX)
          const work = async (): Promise<void> => {
            await world.connect('one')
            const batches = SYMBOLS.map(
              async (symbol) => await world.consume({ Records: batchOf([bar({ symbol })]) }),
            )
            await Promise.all([...messages.map(async (each) => await world.say('one', each)), ...batches])
          }
          await scheduler.waitFor(work())
          const after = await scheduler.waitFor(store.load('one'))
          for (const topic of after === undefined ? [] : topicsOf(after.subscriptions))
            expect(await scheduler.waitFor(store.wanting([topic]))).toEqual([after])
        },
      ),
      { numRuns: 250 },
    )
  })

  it('costs what a batch takes: of 10,000 connections, those that want its symbols', async () => {
    const requests = new Map<string, number>()
    let loaded = 0
    const { items, index } = watchedTables(async (name) => {
      requests.set(name, (requests.get(name) ?? 0) + 1)
    })
    const load: typeof items.load = async (ids) => {
      loaded += ids.length
      return await items.load(ids)
    }
    const world = new World(createConnectionStore({ ...items, load }, index))
    for (let each = 0; each < 10_000; each++) await world.subscribed(`C${each}`, `S${each % 1000}`)
    const wanted = await world.subscribed('LAST', 'S7', 'S8')
    const batch = { Records: batchOf(['S7', 'S8', 'S9'].map((symbol) => bar({ symbol }))) }
    // The first batch of an instance reads all, and marks the tables.
    await world.consume(batch)
    await world.consume(batch)
    wanted.received.length = 0
    requests.clear()
    loaded = 0
    world.now += WHOLE_MS - 1
    await world.consume(batch)
    expect(recordsOf(wanted)).toHaveLength(2)
    expect(world.measured.at(-1)).toMatchObject({ connections: undefined, messages: 31 })
    expect([...requests]).toEqual([
      ['few', 1],
      // One of them tells whether the index is as it was.
      ['entries', 6],
      ['load', 1],
    ])
    expect(loaded).toBe(31)
  })

  it('is not followed to more connections than reading all of them costs', async () => {
    const requests: string[] = []
    const { items, index } = watchedTables(async (name) => void requests.push(name))
    const world = new World(createConnectionStore(items, index), ({ store }) => ({
      everyone: async (records) => (records > 1 ? await store.all() : undefined),
    }))
    for (let each = 0; each < 200; each++) await world.subscribed(`C${each}`, 'A')
    const whole = { Records: batchOf([bar({ symbol: 'B' }), bar({ symbol: 'C' })]) }
    for (let each = 0; each < 2; each++) await world.consume(whole)
    requests.length = 0
    await world.consume({ Records: batchOf([bar({ symbol: 'A' })]) })
    expect(requests.toSorted()).toEqual(['all', 'entries', 'entries', 'entries', 'entries'])
    expect(world.measured.at(-1)).toMatchObject({ messages: 200 })
  })

  it('is left aside once a minute, which finds connections that it lacks', async () => {
    const items = createMemoryConnectionItems()
    const lossy: SubscriberIndex = { ...createMemorySubscriberIndex() }
    const store = createConnectionStore(items, lossy)
    const world = new World({ ...store, few: async () => undefined })
    const batch = { Records: batchOf([bar({ symbol: 'A' })]) }
    for (let each = 0; each < 2; each++) await world.consume(batch)
    lossy.put = async () => {}
    const client = await world.subscribed('one', 'A')
    await world.consume(batch)
    expect(client.received).toEqual([])
    world.now += WHOLE_MS
    await world.consume(batch)
    expect(recordsOf(client)).toHaveLength(1)
  })

  it('forgets what it has too much, when it is asked for it', async () => {
    const index = createMemorySubscriberIndex()
    const store = createConnectionStore(createMemoryConnectionItems(), index)
    const world = new World(store, () => BY_INDEX)
    await world.subscribed('one', 'A')
    const expiresAt = { expiresAt: 1 }
    await index.put({ topic: 'B', connectionId: 'one', version: 1 }, expiresAt)
    await index.put({ topic: 'B', connectionId: 'gone', version: 9 }, expiresAt)
    // The subscription of which this is the first half may still be committed.
    await index.put({ topic: 'B', connectionId: 'one', version: 3 }, expiresAt)
    await index.put({ topic: 'C', connectionId: 'one', version: 2 }, expiresAt)
    await world.consume({ Records: batchOf([bar({ symbol: 'B' }), bar({ symbol: 'C' })]) })
    expect(await index.entries('B')).toEqual([{ topic: 'B', connectionId: 'one', version: 3 }])
    expect(await index.entries('C')).toEqual([])
    expect(await index.entries('A')).toHaveLength(1)
  })
})

import { describe, expect, it } from 'vitest'

import { WHOLE_MS } from '../../../functions/broadcaster/audience.ts'
import type { ConnectionItems } from '../../../functions/broadcaster/connection-items.ts'
import { createConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
import type { SubscriberIndex } from '../../../functions/broadcaster/subscriber-index.ts'
import { TO_END } from '../../../functions/broadcaster/topics.ts'
import {
  createMemoryConnectionItems,
  createMemorySubscriberIndex,
} from '../../support/memory-connection-store.ts'
import { bar } from '../bar-writer/bars.ts'
import { batchOf, type Client, recordsOf, World } from './world.ts'

/** A table that can be lost: every call goes to the one that is there. */
function replaceable<Table extends object>(create: () => Table): { readonly table: Table; lose(): void } {
  let now = create()
  const table = new Proxy(now, { get: (_target, name) => Reflect.get(now, name) })
  return { table, lose: () => void (now = create()) }
}

class LossyWorld {
  readonly items = replaceable<ConnectionItems>(createMemoryConnectionItems)
  readonly index = replaceable<SubscriberIndex>(createMemorySubscriberIndex)
  readonly world: World = new World(
    createConnectionStore(this.items.table, this.index.table, () => this.world.now),
  )

  /** Clients of the symbol A, each of which has had a bar. */
  async clients(count: number): Promise<Client[]> {
    const clients = await Promise.all(
      Array.from({ length: count }, async (_, each) => await this.world.subscribed(`C${each}`, 'A')),
    )
    await this.bar('A')
    await this.bar('A')
    for (const client of clients) client.received.length = 0
    return clients
  }

  async bar(symbol: string): Promise<void> {
    await this.world.consume({ Records: batchOf([bar({ symbol })]) })
  }
}

const FEW = 3
/** So many that batches ask the index. */
const MANY = 60

describe.each([
  ['few', FEW],
  ['many', MANY],
])('of %s connections', (_, count) => {
  it('those of a lost table are ended with the next batch that is read, so that their clients connect again', async () => {
    const lossy = new LossyWorld()
    const clients = await lossy.clients(count)
    lossy.items.lose()
    const later = await lossy.world.subscribed('LATER', 'B')
    await lossy.bar('A')
    expect(clients.filter(({ isOpen }) => isOpen)).toEqual([])
    await lossy.bar('B')
    expect({ isOpen: later.isOpen, records: recordsOf(later).length }).toEqual({ isOpen: true, records: 1 })
    expect((await lossy.index.table.entries('A')).length).toBe(0)
    expect(await lossy.index.table.entries(TO_END)).toEqual([])
  })

  it('none misses a record, or is ended, when the index is lost', async () => {
    const lossy = new LossyWorld()
    const clients = await lossy.clients(count)
    lossy.index.lose()
    for (let each = 0; each < 3; each++) await lossy.bar('A')
    expect(new Set(clients.map((client) => recordsOf(client).length))).toEqual(new Set([3]))
    lossy.world.now += WHOLE_MS
    await lossy.bar('A')
    expect(await lossy.index.table.entries('A')).toHaveLength(count)
    expect(clients.every(({ isOpen }) => isOpen)).toBe(true)
  })

  it('those of a lost table that cannot be ended are ended by a later batch', async () => {
    const lossy = new LossyWorld()
    const clients = await lossy.clients(count)
    lossy.items.lose()
    lossy.world.fateOf = (call) => (call === 'end' ? 'refused' : 'good')
    await lossy.bar('A')
    expect(clients.every(({ isOpen }) => isOpen)).toBe(true)
    lossy.world.fateOf = () => 'good'
    await lossy.bar('OTHER')
    expect(clients.some(({ isOpen }) => isOpen)).toBe(false)
  })

  it('each is ended by its own next message when both tables are lost', async () => {
    const lossy = new LossyWorld()
    const [client] = await lossy.clients(count)
    lossy.items.lose()
    lossy.index.lose()
    await lossy.bar('A')
    expect(client).toMatchObject({ isOpen: true, received: [] })
    await lossy.world.say('C0', { action: 'ping' })
    expect(client).toMatchObject({ isOpen: false, received: [] })
  })
})

it('a new index is filled by several batches where there is much to put, and none of them misses a connection', async () => {
  const lossy = new LossyWorld()
  const clients: Client[] = []
  for (let each = 0; each < 30; each++) {
    const others = Array.from({ length: 200 }, (_, symbol) => `S${symbol}`)
    clients.push(await lossy.world.subscribed(`C${each}`, 'A', ...others))
  }
  const entries = async (): Promise<number> => (await lossy.index.table.everything()).length
  for (let each = 0; each < 2; each++) await lossy.bar('A')
  lossy.index.lose()
  for (const client of clients) client.received.length = 0
  const filled: number[] = []
  for (let each = 0; each < 5; each++) {
    await lossy.bar('A')
    filled.push(await entries())
  }
  // The mark is one.
  expect(filled).toEqual([2000, 4000, 6000, 6031, 6031])
  expect(new Set(clients.map((client) => recordsOf(client).length))).toEqual(new Set([5]))
})

it('an instance that has read a new index misses nothing where another one has filled it meanwhile', async () => {
  const items = createMemoryConnectionItems()
  const index = replaceable<SubscriberIndex>(createMemorySubscriberIndex)
  const other = new World(createConnectionStore(items, index.table))
  let between = async (): Promise<void> => {}
  const slow: SubscriberIndex = {
    ...createMemorySubscriberIndex(),
    put: async (entry, options) => await index.table.put(entry, options),
    entries: async (topic) => {
      const found = await index.table.entries(topic)
      if (topic === 'A') await between()
      return found
    },
  }
  const world = new World(createConnectionStore(items, slow), ({ store }) => ({
    everyone: async (records) => (records > 1 ? await store.all() : undefined),
  }))
  const client = await world.subscribed('one', 'A')
  const whole = batchOf([bar({ symbol: 'B' }), bar({ symbol: 'C' })])
  await world.consume({ Records: whole })
  index.lose()
  between = async () => {
    world.now++
    await other.store.all()
  }
  await world.consume({ Records: batchOf([bar({ symbol: 'A' })]) })
  expect(recordsOf(client)).toHaveLength(1)
})

import { expect, it } from 'vitest'

import type { Connection } from '../../../functions/broadcaster/connection-items.ts'
import type { ConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
import {
  NO_SUBSCRIPTIONS,
  RECORD_TYPES,
  subscribe,
  type Subscriptions,
} from '../../../functions/broadcaster/subscriptions.ts'
import { LIVE, TO_END, topicsOfTicks } from '../../../functions/broadcaster/topics.ts'

const EXPIRES = { expiresAt: 1_760_000_000 }
const APPLE = subscribe(NO_SUBSCRIPTIONS, { symbols: ['AAPL'], types: ['bar', 'patterns'] })
const ALL = subscribe(NO_SUBSCRIPTIONS, { symbols: ['*'], types: RECORD_TYPES })

/** What every store of connections does. `open` gives an empty one. */
export function describeConnectionStore(open: () => Promise<ConnectionStore>): void {
  const added = async (store: ConnectionStore, id: string): Promise<Connection> => {
    await store.add(id, EXPIRES)
    return await known(store, id)
  }
  const known = async (store: ConnectionStore, id: string): Promise<Connection> => {
    const connection = await store.load(id)
    if (connection === undefined) throw new Error(`there is no connection ${id}`)
    return connection
  }
  const ids = async (store: ConnectionStore): Promise<string[]> =>
    (await store.all()).map(({ id }) => id).toSorted()

  it('has a connection that was added, without subscriptions, and no other', async () => {
    const store = await open()
    await store.add('A', EXPIRES)
    const expected = { id: 'A', version: 1, subscriptions: NO_SUBSCRIPTIONS, ...EXPIRES, state: 'open' }
    expect(await store.load('A')).toEqual(expected)
    expect(await store.load('B')).toBeUndefined()
    expect(await store.all()).toEqual([expected])
  })

  it('has what was committed, with the next version', async () => {
    const store = await open()
    expect(await store.commit(await added(store, 'A'), APPLE)).toBe('committed')
    expect(await store.commit(await known(store, 'A'), ALL)).toBe('committed')
    expect(await store.all()).toEqual([
      { id: 'A', version: 3, subscriptions: ALL, ...EXPIRES, state: 'open' },
    ])
  })

  it('commits nothing on a connection that has changed since, so of several at once one wins', async () => {
    const store = await open()
    const before = await added(store, 'A')
    const results = await Promise.all([APPLE, ALL, APPLE, ALL].map((each) => store.commit(before, each)))
    expect(results.filter((result) => result === 'committed')).toHaveLength(1)
    expect((await known(store, 'A')).subscriptions).toEqual(
      [APPLE, ALL, APPLE, ALL][results.indexOf('committed')],
    )
  })

  it('does not bring back a connection that was removed meanwhile, nor makes one by marking it', async () => {
    const store = await open()
    const before = await added(store, 'A')
    await store.remove('A')
    expect(await store.commit(before, APPLE)).toBe('conflict')
    await store.markToEnd('A', EXPIRES)
    expect(await store.load('A')).toBeUndefined()
  })

  it('keeps the mark of one that is to end, whoever commits to it', async () => {
    const store = await open()
    const before = await added(store, 'A')
    await store.markToEnd('A', EXPIRES)
    expect(await store.commit(before, APPLE)).toBe('conflict')
    expect(await store.commit(await known(store, 'A'), APPLE)).toBe('committed')
    await store.markToEnd('A', EXPIRES)
    expect(await known(store, 'A')).toMatchObject({ state: 'to-end', version: 4, subscriptions: APPLE })
  })

  it('removes a connection, and is content when there is none', async () => {
    const store = await open()
    for (const id of ['A', 'B']) await store.add(id, EXPIRES)
    for (const id of ['A', 'A', 'C']) await store.remove(id)
    expect(await ids(store)).toEqual(['B'])
  })

  it('has all of hundreds of connections', async () => {
    const store = await open()
    const expected = Array.from({ length: 300 }, (_, index) => `C${String(index).padStart(3, '0')}`)
    for (const id of expected) await store.add(id, EXPIRES)
    expect(await ids(store)).toEqual(expected)
  })

  const having = async (store: ConnectionStore, id: string, subscriptions: Subscriptions): Promise<void> => {
    expect(await store.commit(await known(store, id), subscriptions)).toBe('committed')
  }
  const wanting = async (store: ConnectionStore, ...topics: readonly string[]): Promise<string[]> =>
    (await store.wanting(topics)).map(({ id }) => id).toSorted()

  it('finds connections by what they subscribe to, from the commit on and until another takes it away', async () => {
    const store = await open()
    for (const id of ['A', 'B', 'C', 'IDLE']) await store.add(id, EXPIRES)
    await having(store, 'A', APPLE)
    await having(store, 'B', ALL)
    await having(store, 'C', subscribe(APPLE, { symbols: ['MSFT'], types: ['ticks'] }))
    expect(await wanting(store, 'AAPL')).toEqual(['A', 'C'])
    expect(await wanting(store, 'AAPL', '*')).toEqual(['A', 'B', 'C'])
    expect(await wanting(store, 'MSFT')).toEqual([])
    expect(await wanting(store, LIVE)).toEqual(['C'])
    expect(await wanting(store, ...topicsOfTicks(['MSFT']))).toEqual(['C'])
    expect(await wanting(store, ...topicsOfTicks(['AAPL']))).toEqual([])
    await having(store, 'A', ALL)
    expect([await wanting(store, 'AAPL'), await wanting(store, '*')]).toEqual([['C'], ['A', 'B']])
    expect(await store.wanting(['*'])).toContainEqual(await known(store, 'A'))
  })

  it('finds those that are to end, whether they have an item or not, until they are removed', async () => {
    const store = await open()
    await having(store, (await added(store, 'A')).id, APPLE)
    await store.markToEnd('A', EXPIRES)
    await store.markToEnd('GONE', EXPIRES)
    expect(await wanting(store, TO_END)).toEqual(['A', 'GONE'])
    for (const id of ['A', 'GONE']) await store.remove(id)
    expect(await wanting(store, TO_END, 'AAPL')).toEqual([])
  })

  it('has those of a topic when they are few, and reads no more than that to tell', async () => {
    const store = await open()
    const live = subscribe(NO_SUBSCRIPTIONS, { symbols: ['AAPL'], types: ['ticks'] })
    expect(await store.fewWanting(LIVE, 2)).toEqual([])
    await having(store, (await added(store, 'A')).id, live)
    expect(await store.fewWanting(LIVE, 2)).toEqual([await known(store, 'A')])
    await having(store, (await added(store, 'B')).id, live)
    expect(await store.fewWanting(LIVE, 2)).toBeUndefined()
    await store.remove('A')
    expect(await store.fewWanting(LIVE, 2)).toEqual([await known(store, 'B')])
  })

  it('has all when they are few, and reads no more than that to tell', async () => {
    const store = await open()
    expect(await store.few(2)).toEqual([])
    await store.add('A', EXPIRES)
    expect(await store.few(2)).toEqual([await known(store, 'A')])
    await store.add('B', EXPIRES)
    expect(await store.few(2)).toBeUndefined()
  })
}

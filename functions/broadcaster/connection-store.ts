import { concurrently } from '../shared/runtime/concurrently.ts'
import { type Connection, type ConnectionItems, ITEMS_PER_READ } from './connection-items.ts'
import { createLostTables, wantedTopics } from './lost-tables.ts'
import type { Entry, SubscriberIndex } from './subscriber-index.ts'
import { TO_END, type Topic, topicsOf } from './topics.ts'

/** The connections, with an index of who subscribes to what. */
export type ConnectionStore = Pick<ConnectionItems, 'add' | 'commit' | 'all' | 'few'> & {
  load(id: string): Promise<Connection | undefined>
  /** Marks a connection as to be ended, if it exists; `expiresAt` is a time after which it certainly is gone. */
  markToEnd(id: string, options: { readonly expiresAt: number }): Promise<void>
  /** Removes a connection, if it exists, and its mark that it is to end. */
  remove(id: string): Promise<void>
  /**
   * The connections of these topics, read consistently; those that the index names and that have no item, as `to-end`. Reads a
   * range of the index for each topic, and an item for each connection, or all items where that is less.
   */
  wanting(topics: readonly Topic[]): Promise<Connection[]>
  /** As `wanting`, for what may be missed: an index that was lost lacks connections until all are read. */
  perhapsWanting(topics: readonly Topic[]): Promise<Connection[]>
  /** The connections of a topic when they are fewer than `limit`, else undefined; reads no more than that. */
  fewWanting(topic: Topic, limit: number): Promise<Connection[] | undefined>
}

/** Requests to the tables at the same time. */
const AT_ONCE = 50

/**
 * The store over its two tables, which never change at the same moment. What a connection subscribes to is what its item says;
 * the index holds at least that, and what it holds besides is cleaned up:
 *
 *     subscribe:    entries of version n+1 are put ── the item is committed as n+1 ── the client is answered
 *     unsubscribe:  the item is committed as n+1 ── entries up to n+1 are removed ── the client is answered
 *     wanting:      entries are read ── items are read ── entries up to the item's version that it does not want are removed
 *
 * Entries carry versions so that of a subscription and an older removal, which may come late, the subscription stays. What
 * becomes of a lost table says `lost-tables.ts`.
 *
 * @param now Unix milliseconds
 */
export function createConnectionStore(
  items: ConnectionItems,
  index: SubscriberIndex,
  now: () => number = Date.now,
): ConnectionStore {
  /** As many as there were when they were read last. */
  let count = Infinity
  const lostTables = createLostTables(items, index, now)
  const readAll = async (): Promise<Connection[]> => {
    const found = await items.all()
    count = found.length
    return found
  }
  const all = async (): Promise<Connection[]> => {
    const found = await lostTables.withLost(await readAll())
    if ((await lostTables.checkIndex()) === 'new') await lostTables.fillIndex(found)
    return found
  }
  const loadAll = async (ids: readonly string[]): Promise<Connection[]> =>
    ids.length > AT_ONCE && ids.length * ITEMS_PER_READ > count ? await readAll() : await items.load(ids)
  const removeEntries = async (entries: Iterable<Entry>): Promise<void> =>
    await concurrently(entries, AT_ONCE, async (entry) => await index.remove(entry))

  const entriesOf = async (topics: readonly Topic[]): Promise<Entry[]> => {
    const entries: Entry[] = []
    await concurrently(new Set(topics), AT_ONCE, async (topic) => {
      entries.push(...(await index.entries(topic)))
    })
    return entries
  }
  const connectionsOf = async (entries: readonly Entry[]): Promise<Connection[]> => {
    const connections = await loadAll([...new Set(entries.map(({ connectionId }) => connectionId))])
    const byId = new Map(connections.map((connection) => [connection.id, connection]))
    await removeEntries(entries.flatMap((entry) => staleOf(entry, byId.get(entry.connectionId))))
    const named = new Set(entries.map(({ connectionId }) => connectionId))
    const lost = await lostTables.lostOf(entries, connections)
    return [...connections.filter(({ id }) => named.has(id)), ...lost]
  }

  return {
    add: async (id, options) => await items.add(id, options),
    all,

    async few(limit) {
      // The mark is one more.
      const found = await items.few(limit + 1)
      const connections = found && (await lostTables.withLost(found))
      return connections !== undefined && connections.length < limit ? connections : undefined
    },

    load: async (id) => (await items.load([id])).at(0),

    async commit(before, subscriptions) {
      const { id: connectionId, expiresAt } = before
      const version = before.version + 1
      const [had, has] = [topicsOf(before.subscriptions), topicsOf(subscriptions)]
      const entryOf = (topic: Topic): Entry => ({ topic, connectionId, version })
      const added = [...has].filter((topic) => !had.has(topic)).map(entryOf)
      await concurrently(added, AT_ONCE, async (entry) => await index.put(entry, { expiresAt }))
      const result = await items.commit(before, subscriptions)
      if (result === 'committed')
        await removeEntries([...had].filter((topic) => !has.has(topic)).map(entryOf))
      return result
    },

    async markToEnd(connectionId, options) {
      // The version only guards entries that a client can take back.
      await index.put({ topic: TO_END, connectionId, version: 1 }, options)
      await items.markToEnd(connectionId)
    },

    async remove(connectionId) {
      const removed = await items.remove(connectionId)
      if (removed === undefined) return await index.remove({ topic: TO_END, connectionId, version: 1 })
      const { version, subscriptions, state } = removed
      const topics = [...topicsOf(subscriptions), ...(state === 'to-end' ? [TO_END] : [])]
      await removeEntries(topics.map((topic) => ({ topic, connectionId, version })))
    },

    async wanting(topics) {
      const entries = await entriesOf(topics)
      const [found, indexIs] = await Promise.all([connectionsOf(entries), lostTables.checkIndex()])
      if (indexIs === 'whole') return found
      return (await all()).filter((each) => topics.some((topic) => wantedTopics(each).has(topic)))
    },

    perhapsWanting: async (topics) => await connectionsOf(await entriesOf(topics)),

    async fewWanting(topic, limit) {
      const entries = await index.few(topic, limit)
      return entries && (await connectionsOf(entries))
    },
  }
}

/** What may be removed of an entry, given the item of its connection, which was read after it. */
function staleOf(entry: Entry, connection: Connection | undefined): readonly Entry[] {
  // Its connection has left, or was lost.
  if (connection === undefined) return []
  if (entry.topic === TO_END || topicsOf(connection.subscriptions).has(entry.topic)) return []
  return entry.version > connection.version ? [] : [{ ...entry, version: connection.version }]
}

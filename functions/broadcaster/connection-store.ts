import { concurrently } from '../shared/runtime/concurrently.ts'
import { type Connection, type ConnectionItems, ITEMS_PER_READ } from './connection-items.ts'
import type { Entry, SubscriberIndex } from './subscriber-index.ts'
import { TO_END, type Topic, topicsOf } from './topics.ts'

/** The connections, with an index of who subscribes to what. */
export type ConnectionStore = Pick<ConnectionItems, 'add' | 'commit' | 'all' | 'few'> & {
  load(id: string): Promise<Connection | undefined>
  /** Marks a connection as to be ended, if it exists; `expiresAt` is a time after which it certainly is gone. */
  markToEnd(id: string, options: { readonly expiresAt: number }): Promise<void>
  /** Removes a connection, if it exists. */
  remove(id: string): Promise<void>
  /**
   * The connections of these topics, read consistently, and perhaps some more. Reads a range of the index for each topic, and
   * an item for each connection, or all items where that is less.
   */
  wanting(topics: readonly Topic[]): Promise<Connection[]>
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
 * Entries carry versions so that of a subscription and an older removal, which may come late, the subscription stays.
 */
export function createConnectionStore(items: ConnectionItems, index: SubscriberIndex): ConnectionStore {
  /** As many as there were when they were read last. */
  let count = Infinity
  const all = async (): Promise<Connection[]> => {
    const found = await items.all()
    count = found.length
    return found
  }
  const loadAll = async (ids: readonly string[]): Promise<Connection[]> =>
    ids.length > AT_ONCE && ids.length * ITEMS_PER_READ > count ? await all() : await items.load(ids)
  const removeEntries = async (entries: Iterable<Entry>): Promise<void> =>
    await concurrently(entries, AT_ONCE, async (entry) => await index.remove(entry))

  const connectionsOf = async (entries: readonly Entry[]): Promise<Connection[]> => {
    const connections = await loadAll([...new Set(entries.map(({ connectionId }) => connectionId))])
    const byId = new Map(connections.map((connection) => [connection.id, connection]))
    await removeEntries(entries.flatMap((entry) => staleOf(entry, byId.get(entry.connectionId))))
    return connections
  }

  return {
    add: async (id, options) => await items.add(id, options),
    all,
    few: async (limit) => await items.few(limit),
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
      if (removed === undefined) return
      const { version, subscriptions, state } = removed
      const topics = [...topicsOf(subscriptions), ...(state === 'to-end' ? [TO_END] : [])]
      await removeEntries(topics.map((topic) => ({ topic, connectionId, version })))
    },

    async wanting(topics) {
      const entries: Entry[] = []
      await concurrently(new Set(topics), AT_ONCE, async (topic) => {
        entries.push(...(await index.entries(topic)))
      })
      return await connectionsOf(entries)
    },

    async fewWanting(topic, limit) {
      const entries = await index.few(topic, limit)
      return entries && (await connectionsOf(entries))
    },
  }
}

/** What may be removed of an entry, given the item of its connection, which was read after it. */
function staleOf(entry: Entry, connection: Connection | undefined): readonly Entry[] {
  // The names of connections are never used again.
  if (connection === undefined) return [entry]
  if (entry.topic === TO_END || topicsOf(connection.subscriptions).has(entry.topic)) return []
  return entry.version > connection.version ? [] : [{ ...entry, version: connection.version }]
}

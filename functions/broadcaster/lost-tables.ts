import { concurrently } from '../shared/runtime/concurrently.ts'
import type { Connection, ConnectionItems } from './connection-items.ts'
import { endOfLife } from './connection-life.ts'
import { NO_SUBSCRIPTIONS } from './subscriptions.ts'
import type { Entry, SubscriberIndex } from './subscriber-index.ts'
import { TO_END, type Topic, topicsOf } from './topics.ts'

/** Is in both tables: a table without it is new, and lacks what the other one may still have. */
const MARK = '!table'
/** The end of the year 9999: a time to live that does not end. */
const NEVER = { expiresAt: 253_402_300_799 }
/** Entries that a batch puts into a new index at most; the next one goes on. */
const ENTRIES_A_BATCH = 2000
const AT_ONCE = 50

/**
 * What to do where one of the two tables was lost and created again, empty:
 *
 *     connections lost:  the index names connections that have no item ── they are ended, so that their clients connect again
 *     index lost:        batches read all connections ── their entries are put again ── the mark is
 */
export type LostTables = {
  /** All of the table `connections` but its mark, and those to be ended that only the index knows where the table has none. */
  withLost(found: readonly Connection[]): Promise<Connection[]>
  /**
   * Connections that have entries and no item, as `to-end`. They are put under the topic of these, until they are removed.
   *
   * @param connections the items of the entries' connections, read after the entries
   */
  lostOf(entries: readonly Entry[], connections: readonly Connection[]): Promise<Connection[]>
  /** `whole`: it has all entries, and had them when this was asked before. `new`: it has yet to be filled. */
  checkIndex(): Promise<'whole' | 'changed' | 'new'>
  /** Puts entries of all connections into a new index, some in each call. */
  fillIndex(connections: readonly Connection[]): Promise<void>
}

/**
 * @param now Unix milliseconds
 */
export function createLostTables(
  items: ConnectionItems,
  index: SubscriberIndex,
  now: () => number,
): LostTables {
  /** The mark of the index that was seen last: each index has its own. */
  let indexMark: number | undefined
  const lostOf: LostTables['lostOf'] = async (entries, connections) => {
    const known = new Set(connections.map(({ id }) => id))
    const without = entries.filter(({ connectionId }) => !known.has(connectionId) && connectionId !== MARK)
    const ids = [...new Set(without.map(({ connectionId }) => connectionId))]
    // First the new entry, then no others: whoever dies in between leaves one of them to be found.
    await concurrently(ids, AT_ONCE, async (connectionId) => {
      await index.put({ topic: TO_END, connectionId, version: 1 }, { expiresAt: endOfLife(now()) })
    })
    const others = without.filter(({ topic }) => topic !== TO_END)
    await concurrently(others, AT_ONCE, async (entry) => await index.remove(entry))
    return ids.map(toEnd)
  }

  return {
    lostOf,

    async withLost(found) {
      const connections = found.filter(({ id }) => id !== MARK)
      if (connections.length < found.length) return connections
      const entries = await index.everything()
      const ids = [...new Set(entries.map(({ connectionId }) => connectionId))]
      const lost = await lostOf(entries, await items.load(ids))
      // Those that cannot be ended now are found again, since there is no mark yet.
      if (lost.length === 0) await items.add(MARK, NEVER)
      return [...connections, ...lost]
    },

    async checkIndex() {
      const before = indexMark
      indexMark = (await index.entries(MARK)).at(0)?.version
      if (indexMark === undefined) return 'new'
      // Another instance may have filled it while this one read entries.
      return indexMark === before ? 'whole' : 'changed'
    },

    async fillIndex(connections) {
      const keyOf = (topic: Topic, id: string): string => `${topic} ${id}`
      const there = new Set((await index.everything()).map((each) => keyOf(each.topic, each.connectionId)))
      const missing = connections.flatMap((connection) =>
        [...wantedTopics(connection)]
          .filter((topic) => !there.has(keyOf(topic, connection.id)))
          .map((topic) => ({ topic, connection })),
      )
      await concurrently(missing.slice(0, ENTRIES_A_BATCH), AT_ONCE, async ({ topic, connection }) => {
        const { id: connectionId, version, expiresAt } = connection
        await index.put({ topic, connectionId, version }, { expiresAt })
      })
      if (missing.length > ENTRIES_A_BATCH) return
      await index.put({ topic: MARK, connectionId: MARK, version: now() }, NEVER)
    },
  }
}

/** The topics under which a connection has to be found. */
export function wantedTopics({ subscriptions, state }: Connection): ReadonlySet<Topic> {
  return state === 'to-end' ? new Set([...topicsOf(subscriptions), TO_END]) : topicsOf(subscriptions)
}

function toEnd(id: string): Connection {
  return { id, version: 0, subscriptions: NO_SUBSCRIPTIONS, state: 'to-end', ...NEVER }
}

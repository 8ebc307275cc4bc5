import type { Connection, ConnectionItems } from '../../functions/broadcaster/connection-items.ts'
import { type ConnectionStore, createConnectionStore } from '../../functions/broadcaster/connection-store.ts'
import type { Entry, SubscriberIndex } from '../../functions/broadcaster/subscriber-index.ts'
import { NO_SUBSCRIPTIONS } from '../../functions/broadcaster/subscriptions.ts'

/** The connections in memory; the store over it runs the same contract tests as the one over DynamoDB. */
export function createMemoryConnectionItems(): ConnectionItems {
  const connections = new Map<string, Connection>()
  return {
    async add(id, { expiresAt }) {
      connections.set(id, { id, version: 1, subscriptions: NO_SUBSCRIPTIONS, expiresAt, state: 'open' })
    },
    async load(ids) {
      return ids.flatMap((id) => connections.get(id) ?? [])
    },
    async commit({ id, version }, subscriptions) {
      const now = connections.get(id)
      if (now?.version !== version) return 'conflict'
      connections.set(id, { ...now, version: version + 1, subscriptions })
      return 'committed'
    },
    async markToEnd(id) {
      const now = connections.get(id)
      if (now !== undefined) connections.set(id, { ...now, version: now.version + 1, state: 'to-end' })
    },
    async remove(id) {
      const removed = connections.get(id)
      connections.delete(id)
      return removed
    },
    async all() {
      return [...connections.values()]
    },
    async few(limit) {
      return connections.size < limit ? [...connections.values()] : undefined
    },
  }
}

/** The index in memory. */
export function createMemorySubscriberIndex(): SubscriberIndex {
  const topics = new Map<string, Map<string, Entry>>()
  return {
    async put(entry) {
      const entries = topics.get(entry.topic) ?? new Map<string, Entry>()
      topics.set(entry.topic, entries)
      const before = entries.get(entry.connectionId)
      if (before === undefined || before.version < entry.version) entries.set(entry.connectionId, entry)
    },
    async remove({ topic, connectionId, version }) {
      const before = topics.get(topic)?.get(connectionId)
      if (before !== undefined && before.version <= version) topics.get(topic)?.delete(connectionId)
    },
    async entries(topic) {
      return [...(topics.get(topic)?.values() ?? [])]
    },
    async few(topic, limit) {
      const entries = [...(topics.get(topic)?.values() ?? [])]
      return entries.length < limit ? entries : undefined
    },
    async everything() {
      return [...topics.values()].flatMap((entries) => [...entries.values()])
    },
  }
}

/** The store over tables in memory. */
export function createMemoryConnectionStore(): ConnectionStore {
  return createConnectionStore(createMemoryConnectionItems(), createMemorySubscriberIndex())
}

import type { Connection, ConnectionStore } from '../../functions/broadcaster/connection-store.ts'
import { NO_SUBSCRIPTIONS } from '../../functions/broadcaster/subscriptions.ts'

/** The connections in memory; it runs the same contract tests as the store over DynamoDB. */
export function createMemoryConnectionStore(): ConnectionStore {
  const connections = new Map<string, Connection>()
  return {
    async add(id, { expiresAt }) {
      connections.set(id, { id, version: 1, subscriptions: NO_SUBSCRIPTIONS, expiresAt, state: 'open' })
    },
    async load(id) {
      return connections.get(id)
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
      connections.delete(id)
    },
    async all() {
      return [...connections.values()]
    },
  }
}

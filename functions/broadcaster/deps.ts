import type { ConnectionStore } from './connection-store.ts'
import type { Connections } from './connections.ts'

/** What the part works with. */
export type BroadcasterDeps = {
  readonly store: ConnectionStore
  readonly connections: Connections
  /** Unix milliseconds. */
  readonly now: () => number
}

import type { Audience } from './audience.ts'
import type { ConnectionStore } from './connection-store.ts'
import type { Connections } from './connections.ts'

/** What the broadcaster depends on. */
export type BroadcasterDeps = {
  readonly store: ConnectionStore
  readonly audience: Audience
  readonly connections: Connections
  /** Unix milliseconds. */
  readonly now: () => number
}

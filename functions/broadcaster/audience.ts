import { type Connection, ITEMS_PER_READ } from './connection-items.ts'
import type { ConnectionStore } from './connection-store.ts'

/** Decides how a batch finds its connections. */
export type Audience = {
  /**
   * All connections, where reading them costs no more than asking the index for each symbol, or where a minute has passed since
   * they were read; undefined where the index is to be asked.
   *
   * @param records of the batch
   */
  everyone(records: number): Promise<Connection[] | undefined>
}

/** Read whole whatever the batch: one request is faster than the two of the index. */
const FEW = 25

/** What the index lacks is found within this time: connections that older code has changed, and those that are over. */
export const WHOLE_MS = 60_000

/**
 * @param now Unix milliseconds
 */
export function createAudience(store: Pick<ConnectionStore, 'all' | 'few'>, now: () => number): Audience {
  let wholeAt = -Infinity
  return {
    async everyone(records) {
      const startedAt = now()
      if (startedAt - wholeAt < WHOLE_MS) return await store.few(Math.max(FEW, ITEMS_PER_READ * records))
      const all = await store.all()
      wholeAt = startedAt
      return all
    },
  }
}

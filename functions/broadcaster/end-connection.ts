import { endOfLife } from './connection-life.ts'
import type { BroadcasterDeps } from './deps.ts'

/**
 * Ends a connection on which a message could not be sent, so that its client reconnects instead of missing records. One
 * that cannot be ended is marked: it gets no more messages, and each batch tries to end it again.
 *
 * @returns why it could not be ended; nothing when it was
 */
export async function endConnection(
  { store, connections, now }: Pick<BroadcasterDeps, 'store' | 'connections' | 'now'>,
  id: string,
): Promise<readonly unknown[]> {
  const ended = await connections.end(id)
  if (ended.type === 'ended') {
    await store.remove(id)
    return []
  }
  await store.markToEnd(id, { expiresAt: endOfLife(now()) })
  return [ended.error]
}

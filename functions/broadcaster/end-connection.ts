import type { BroadcasterDeps } from './deps.ts'

/**
 * Ends a connection on which something could not be sent, so that its client connects again instead of missing it. One
 * that cannot be ended is noted: it gets nothing more, and each batch tries again.
 *
 * @returns why it could not be ended; nothing when it was
 */
export async function endConnection(
  { store, connections }: Pick<BroadcasterDeps, 'store' | 'connections'>,
  id: string,
): Promise<readonly unknown[]> {
  const ended = await connections.end(id)
  if (ended.type === 'ended') {
    await store.remove(id)
    return []
  }
  await store.markToEnd(id)
  return [ended.error]
}

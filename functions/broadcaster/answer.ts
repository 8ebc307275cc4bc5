import { retryOnConflict } from '../shared/dynamodb/retry-on-conflict.ts'
import { endConnection } from './end-connection.ts'
import { decide } from './decide.ts'
import type { BroadcasterDeps } from './deps.ts'

/** What answering a message came to: the errors of sending the answer, if any. */
export type Answered = { readonly errors: readonly unknown[] }

/**
 * Applies a message of a client and answers it. The answer is sent when the subscriptions are in the table, and they apply
 * to every batch that is read from then on.
 *
 * @throws when the table cannot be read or written, or changes under each attempt; API Gateway reports it to the client
 */
export async function answerMessage(
  deps: BroadcasterDeps,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<Answered> {
  let answered: Answered = { errors: [] }
  const conflicts = await retryOnConflict(
    [id],
    async () => {
      const result = await attempt(deps, { id, text })
      if (result === 'conflict') return [id]
      answered = result
      return []
    },
    { nameOf: (key) => `the connection ${key}` },
  )
  for (const error of conflicts.values()) throw error
  return answered
}

async function attempt(
  deps: BroadcasterDeps,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<Answered | 'conflict'> {
  const { store, now } = deps
  const connection = await store.load(id)
  // A connection that gets no records must not look subscribed.
  if (connection?.state !== 'open' || connection.expiresAt * 1000 <= now())
    return { errors: await endConnection(deps, id) }
  const { subscriptions, answer } = decide(connection.subscriptions, text)
  const isSame = subscriptions === connection.subscriptions
  if (!isSame && (await store.commit(connection, subscriptions)) === 'conflict') return 'conflict'
  return await send(deps, id, JSON.stringify(answer))
}

async function send(deps: BroadcasterDeps, id: string, text: string): Promise<Answered> {
  const posted = await deps.connections.post(id, text)
  if (posted.type === 'sent') return { errors: [] }
  if (posted.type === 'failed') return { errors: [posted.error, ...(await endConnection(deps, id))] }
  await deps.store.remove(id)
  return { errors: [] }
}

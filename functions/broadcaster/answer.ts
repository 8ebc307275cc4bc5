import { endConnection } from './end-connection.ts'
import { decide } from './decide.ts'
import type { BroadcasterDeps } from './deps.ts'

/** What taking a message came to: what could not be said to its client, if anything. */
export type Answered = { readonly errors: readonly unknown[] }

const MAX_CONFLICTS = 20

/**
 * Takes a message of a client and answers it. What it asks for is in the table when it is told so, and holds for every
 * batch that is read from then on.
 *
 * @throws when the table cannot be read or written, or changes under each attempt; API Gateway tells the client
 */
export async function answerMessage(
  deps: BroadcasterDeps,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<Answered> {
  const { store, now } = deps
  for (let round = 0; round <= MAX_CONFLICTS; round++) {
    const connection = await store.load(id)
    // One that gets no records must not look as if it did.
    if (connection?.state !== 'open' || connection.expiresAt * 1000 <= now())
      return { errors: await endConnection(deps, id) }
    const { subscriptions, answer } = decide(connection.subscriptions, text)
    const isSame = subscriptions === connection.subscriptions
    if (isSame || (await store.commit(connection, subscriptions)) === 'committed')
      return await tell(deps, id, JSON.stringify(answer))
  }
  throw new Error(`the connection ${id} changed under ${MAX_CONFLICTS + 1} commits in a row`)
}

async function tell(deps: BroadcasterDeps, id: string, text: string): Promise<Answered> {
  const posted = await deps.connections.post(id, text)
  if (posted.type === 'sent') return { errors: [] }
  if (posted.type === 'failed') return { errors: [posted.error, ...(await endConnection(deps, id))] }
  await deps.store.remove(id)
  return { errors: [] }
}

import type { KinesisStreamRecord } from 'aws-lambda'

import { concurrently } from '../shared/runtime/concurrently.ts'
import type { Connection } from './connection-store.ts'
import { endConnection } from './end-connection.ts'
import { packFrames } from './frames.ts'
import { POSTS_AT_ONCE } from './management-client.ts'
import type { BroadcasterDeps } from './deps.ts'
import { type Broadcastable, readRecords } from './read-records.ts'
import { encodeSubscriptions } from './subscriptions-codec.ts'
import { wants } from './subscriptions.ts'

/** A connection on which something could not be sent, or that could not be ended. */
export type FailedPost = { readonly connectionId: string; readonly error: unknown }

/** What sending a batch came to. */
export type Broadcasted = {
  /** Connections that there were. */
  readonly connections: number
  /** Records that are none of their streams', or fit into no message; nobody looks where there is no connection. */
  readonly unreadable: number
  /** Messages that API Gateway took. */
  readonly messages: number
  readonly failed: readonly FailedPost[]
  /** Milliseconds from the close of a bar until it, or what came of it, was sent to all: of each record that was. */
  readonly latencies: readonly number[]
}

/**
 * Sends each record of a batch to who wants it. A connection's messages follow each other; a slow or failing connection
 * holds up no other.
 *
 *     read the connections ── send ── (the batch is done)
 *                              │ gone: its item is removed
 *                              │ failed: the connection is ended, so that its client notices and connects again
 *                              └ a crash: the batch comes again, and so do its messages
 *
 * @throws when the table cannot be read or written; the batch may be given again
 */
export async function broadcast(
  deps: BroadcasterDeps,
  records: readonly KinesisStreamRecord[],
): Promise<Broadcasted> {
  const found = await deps.store.all()
  const { readable, unreadable } = readRecords(found.length === 0 ? [] : records)
  const framesFor = createFrames(readable)
  const failed: FailedPost[] = []
  const sent = new Set<Broadcastable>()
  let messages = 0
  await concurrently(found, POSTS_AT_ONCE, async (connection) => {
    const { frames, wanted } = framesFor(connection)
    const result = await sendAll(deps, connection, frames)
    messages += result.messages
    for (const error of result.errors) failed.push({ connectionId: connection.id, error })
    if (result.messages > 0) for (const record of wanted) sent.add(record)
  })
  const time = deps.now()
  return {
    connections: found.length,
    unreadable,
    messages,
    failed,
    latencies: [...sent].map(({ closedAt }) => time - closedAt),
  }
}

type Frames = { readonly frames: readonly string[]; readonly wanted: readonly Broadcastable[] }

/** What connections get; those that want the same share it. */
function createFrames(records: readonly Broadcastable[]): (connection: Connection) => Frames {
  const known = new Map<string, Frames>()
  return ({ subscriptions }) => {
    const key = encodeSubscriptions(subscriptions)
    const before = known.get(key)
    if (before !== undefined) return before
    const wanted = records.filter((record) => wants(subscriptions, record))
    const made = { frames: packFrames(wanted), wanted }
    known.set(key, made)
    return made
  }
}

type Sent = { readonly messages: number; readonly errors: readonly unknown[] }

async function sendAll(
  deps: BroadcasterDeps,
  { id, state, expiresAt }: Connection,
  frames: readonly string[],
): Promise<Sent> {
  const { store, connections, now } = deps
  if (expiresAt * 1000 <= now()) {
    // API Gateway has ended it; where nothing removes what is over, this does.
    await connections.end(id)
    await store.remove(id)
    return { messages: 0, errors: [] }
  }
  if (state === 'to-end') return { messages: 0, errors: await endConnection(deps, id) }
  let messages = 0
  for (const frame of frames) {
    const posted = await connections.post(id, frame)
    if (posted.type === 'gone') {
      await store.remove(id)
      break
    }
    if (posted.type === 'failed')
      return { messages, errors: [posted.error, ...(await endConnection(deps, id))] }
    messages++
  }
  return { messages, errors: [] }
}

import type { KinesisStreamRecord } from 'aws-lambda'

import { concurrently } from '../shared/runtime/concurrently.ts'
import { type Consumed, consume, NO_FAILURES } from '../shared/streams/consume.ts'
import { readLines } from '../shared/streams/lines.ts'
import type { Connection } from './connection-items.ts'
import { endConnection } from './end-connection.ts'
import { packFrames } from './frames.ts'
import { POSTS_AT_ONCE } from './management-client.ts'
import type { BroadcasterDeps } from './deps.ts'
import { type Broadcastable, parseBroadcastable } from './parse-broadcastable.ts'
import { encodeSubscriptions } from './subscriptions-codec.ts'
import { wants } from './subscriptions.ts'
import { topicsOfSymbols } from './topics.ts'

/** A connection on which something could not be sent, or that could not be ended. */
export type FailedPost = { readonly connectionId: string; readonly error: unknown }

/** What sending a batch came to. */
export type Broadcasted = Pick<Consumed<unknown>, 'unreadable' | 'response'> & Sending

type Sending = {
  /** How many connections there are; undefined where the index told those that the batch is for. */
  readonly connections: number | undefined
  /** Messages that API Gateway accepted. */
  readonly messages: number
  readonly failed: readonly FailedPost[]
  /** Milliseconds from the close of a bar until its record was sent to all subscribers, for each record sent. */
  readonly latencies: readonly number[]
}

/**
 * Sends each record of a batch to its subscribers. The messages of a connection are sent one after the other; a slow or
 * failing connection does not block another. Without connections nothing is parsed.
 *
 *     find the connections ── send ── (the batch is done)
 *                              │ gone: its item is removed
 *                              │ failed: the connection is ended, so that its client notices and reconnects
 *                              └ a crash: the batch is redelivered, and its messages are sent again
 *
 * @throws when the table cannot be read or written; the batch may be passed again
 */
export async function broadcast(
  deps: BroadcasterDeps,
  records: readonly KinesisStreamRecord[],
): Promise<Broadcasted> {
  const everyone = await deps.audience.everyone(records.length)
  const { result, unreadable, response } = await consume(everyone?.length === 0 ? [] : records, {
    parse: (payload, _record, refuse) => readLines(payload, parseBroadcastable, refuse),
    process: async ({ readable }) => {
      const items = readable.map(({ item }) => item)
      const topics = topicsOfSymbols(items.map(({ symbol }) => symbol))
      const connections = everyone ?? (await deps.store.wanting(topics))
      const sending = await sendToAll(deps, connections, items)
      return { failed: NO_FAILURES, sending: { ...sending, connections: everyone?.length } }
    },
  })
  return { ...result.sending, unreadable, response }
}

async function sendToAll(
  deps: BroadcasterDeps,
  connections: readonly Connection[],
  records: readonly Broadcastable[],
): Promise<Omit<Sending, 'connections'>> {
  const framesFor = createFrames(records)
  const failed: FailedPost[] = []
  const sent = new Set<Broadcastable>()
  let messages = 0
  await concurrently(connections, POSTS_AT_ONCE, async (connection) => {
    const { frames, wanted } = framesFor(connection)
    const result = await sendFrames(deps, connection, frames)
    messages += result.messages
    for (const error of result.errors) failed.push({ connectionId: connection.id, error })
    if (result.messages > 0) for (const record of wanted) sent.add(record)
  })
  const time = deps.now()
  return {
    messages,
    failed,
    latencies: [...sent].map(({ closedAt }) => time - closedAt),
  }
}

type Frames = { readonly frames: readonly string[]; readonly wanted: readonly Broadcastable[] }

/** The frames for each connection; connections with the same subscriptions share them. */
function createFrames(records: readonly Broadcastable[]): (connection: Connection) => Frames {
  const cached = new Map<string, Frames>()
  return ({ subscriptions }) => {
    const key = encodeSubscriptions(subscriptions)
    const before = cached.get(key)
    if (before !== undefined) return before
    const wanted = records.filter((record) => wants(subscriptions, record))
    const made = { frames: packFrames(wanted), wanted }
    cached.set(key, made)
    return made
  }
}

type Sent = { readonly messages: number; readonly errors: readonly unknown[] }

async function sendFrames(
  deps: BroadcasterDeps,
  { id, state, expiresAt }: Connection,
  frames: readonly string[],
): Promise<Sent> {
  const { store, connections, now } = deps
  if (expiresAt * 1000 <= now()) {
    // API Gateway has ended it. The table's time to live removes items late, or not at all on an emulator.
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

import { setTimeout as wait } from 'node:timers/promises'

import * as z from 'zod'

import type { Subscribable } from '../../functions/broadcaster/subscriptions.ts'
import { UsageError } from '../terminal/errors.ts'
import { QUIET_MS, watchSilence } from './watch-silence.ts'

/** What a WebSocket client needs, and its callbacks. */
export type WebSocketClientOptions = {
  readonly url: string
  readonly key: string
  readonly symbols: readonly string[]
  readonly types: readonly Subscribable[]
  /** Ends it. */
  readonly signal: AbortSignal
  /** Takes the records of a message, in order; some may come again. */
  readonly onRecords: (records: readonly WatchedRecord[]) => void
  /** Called once for each connection when it is subscribed, and when it has ended. */
  readonly onState: (state: ClientState) => void
  /** Milliseconds of silence after which a ping is sent; after as many more the connection is mute, and given up. @default 10,000 */
  readonly quietMs?: number
}

export type ClientState =
  | { readonly type: 'subscribed' }
  | { readonly type: 'ended'; readonly reason: string; readonly againInMs: number }

/** A record as the streams have it, or a live one, which has a `time` in place of a `timestamp`; new fields and types are let through. */
const recordSchema = z.looseObject({ type: z.string(), symbol: z.string(), timestamp: z.string().optional() })
export type WatchedRecord = z.infer<typeof recordSchema>

const messageSchema = z.union([
  z.array(recordSchema),
  z.looseObject({ type: z.literal('error'), error: z.string() }),
  z.looseObject({ type: z.enum(['subscribed', 'pong']) }),
  // API Gateway's own, when the function fails.
  z
    .looseObject({ message: z.string() })
    .transform(({ message }) => ({ type: 'failed', error: message }) as const),
])

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000

/**
 * Subscribes, and does so again on a new connection whenever one ends, which API Gateway does every two hours.
 *
 * @throws UsageError when the first connection cannot be made, or the subscription is refused
 */
export async function watch(options: WebSocketClientOptions): Promise<void> {
  const { url, signal, onState } = options
  let wasSubscribed = false
  let againInMs = FIRST_WAIT_MS
  while (!signal.aborted) {
    const { reason, subscribed } = await connectOnce(options)
    if (signal.aborted) return
    wasSubscribed ||= subscribed
    if (!wasSubscribed)
      throw new UsageError(`cannot watch ${url}: ${reason}; is the key right, and the deployment running?`)
    againInMs = subscribed ? FIRST_WAIT_MS : Math.min(2 * againInMs, LONGEST_WAIT_MS)
    onState({ type: 'ended', reason, againInMs })
    await wait(againInMs, undefined, { signal }).catch(() => undefined)
  }
}

type Ended = { readonly reason: string; readonly subscribed: boolean }

/** Connects and stays so until the connection ends; rejects when the subscription is refused. */
function connectOnce(options: WebSocketClientOptions): Promise<Ended> {
  const { url, key, symbols, types, signal, onRecords, onState, quietMs = QUIET_MS } = options
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const socket = new WebSocket(url, { headers: { 'x-api-key': key } })
  let [subscribed, fault] = [false, '']
  const send = (message: unknown): void => socket.send(JSON.stringify(message))
  const stop = (): void => socket.close()
  const silence = watchSilence(quietMs, {
    onQuiet: () => {
      if (socket.readyState === WebSocket.OPEN) send({ action: 'ping' })
    },
    onMute: () => {
      // A connection that is mute does not answer the closing either, so nothing waits for it.
      end(`nothing came for ${(2 * quietMs) / 1000} s`)
      socket.close()
    },
  })
  const end = (reason: string): void => {
    silence.end()
    signal.removeEventListener('abort', stop)
    resolve({ reason, subscribed })
  }
  signal.addEventListener('abort', stop, { once: true })
  socket.addEventListener('open', () => send({ action: 'subscribe', symbols, types }))
  socket.addEventListener('error', (event) => {
    fault = 'message' in event && typeof event.message === 'string' ? event.message : ''
  })
  socket.addEventListener('message', ({ data }) => {
    silence.heard()
    const { data: message } = messageSchema.safeParse(JSON.parse(String(data)))
    if (Array.isArray(message)) return onRecords(message)
    if (message?.type === 'error') reject(new UsageError(`the subscription is refused: ${message.error}`))
    if (message?.type === 'failed') fault = message.error
    if (message?.type === 'error' || message?.type === 'failed') return socket.close()
    // An answer may come twice, as a record may: it is posted again where the first post is slow to be confirmed.
    if (message?.type !== 'subscribed' || subscribed) return
    subscribed = true
    onState({ type: 'subscribed' })
  })
  socket.addEventListener('close', ({ code, reason }) =>
    end(fault || reason || `the connection ended (${code})`),
  )
  return promise
}

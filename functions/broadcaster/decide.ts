import { readMessage } from './client-message.ts'
import {
  ALL_SYMBOLS,
  listSubscriptions,
  MAX_SYMBOLS,
  type RecordType,
  subscribe,
  type Subscriptions,
  symbolsOf,
  unsubscribe,
} from './subscriptions.ts'

/** What a client is told; the connection lives on in any case. */
type Answer =
  | {
      readonly type: 'subscribed' | 'unsubscribed'
      /** As the client gave them. */
      readonly symbols: readonly string[]
      readonly types: readonly RecordType[]
      /** All that the connection has now, by type. */
      readonly subscriptions: Readonly<Record<RecordType, readonly string[]>>
    }
  | { readonly type: 'pong' }
  | { readonly type: 'error'; readonly error: string }

export type Decision = {
  /** The very ones from before when nothing is to be kept. */
  readonly subscriptions: Subscriptions
  readonly answer: Answer
}

/** What becomes of a connection's subscriptions by a message, and what its client is told. */
export function decide(before: Subscriptions, text: string): Decision {
  const message = readMessage(text)
  const keep = (answer: Answer): Decision => ({ subscriptions: before, answer })
  if (message.action === 'unknown') return keep({ type: 'error', error: message.fault })
  if (message.action === 'ping') return keep({ type: 'pong' })
  if (message.action === 'unsubscribe') {
    const after = unsubscribe(before, message)
    return { subscriptions: after, answer: { type: 'unsubscribed', ...told(message, after) } }
  }
  const after = subscribe(before, message)
  const named = symbolsOf(after).filter((symbol) => symbol !== ALL_SYMBOLS)
  if (named.length > MAX_SYMBOLS) return keep(tooMany(named.length))
  return { subscriptions: after, answer: { type: 'subscribed', ...told(message, after) } }
}

function told(
  { symbols, types }: { readonly symbols: readonly string[]; readonly types: readonly RecordType[] },
  subscriptions: Subscriptions,
) {
  return { symbols, types, subscriptions: listSubscriptions(subscriptions) }
}

function tooMany(count: number): Answer {
  const error =
    `symbols would be ${count} on this connection: allowed are ${MAX_SYMBOLS}, and none was added; ` +
    'take "*" for all, or a second connection'
  return { type: 'error', error }
}

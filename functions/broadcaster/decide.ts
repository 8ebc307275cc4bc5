import { readMessage } from './client-message.ts'
import {
  ALL_SYMBOLS,
  listSubscriptions,
  MAX_SYMBOLS,
  type Subscribable,
  subscribe,
  type Subscriptions,
  symbolsOf,
  unsubscribe,
} from './subscriptions.ts'

/** The answer to a client's message; the connection stays open in any case. */
type Answer =
  | {
      readonly type: 'subscribed' | 'unsubscribed'
      /** As the client sent them. */
      readonly symbols: readonly string[]
      readonly types: readonly Subscribable[]
      /** All subscriptions of the connection now, by type. */
      readonly subscriptions: Readonly<Record<Subscribable, readonly string[]>>
    }
  | { readonly type: 'pong' }
  | { readonly type: 'error'; readonly error: string }

export type Decision = {
  /** The same object as before when nothing has to be stored. */
  readonly subscriptions: Subscriptions
  readonly answer: Answer
}

/** Applies a message to a connection's subscriptions, and decides the answer. */
export function decide(before: Subscriptions, text: string): Decision {
  const message = readMessage(text)
  const keep = (answer: Answer): Decision => ({ subscriptions: before, answer })
  if (message.action === 'unknown') return keep({ type: 'error', error: message.fault })
  if (message.action === 'ping') return keep({ type: 'pong' })
  if (message.action === 'unsubscribe') {
    const after = unsubscribe(before, message)
    return { subscriptions: after, answer: { type: 'unsubscribed', ...subscribed(message, after) } }
  }
  const after = subscribe(before, message)
  const named = symbolsOf(after).filter((symbol) => symbol !== ALL_SYMBOLS)
  if (named.length > MAX_SYMBOLS) return keep(tooMany(named.length))
  return { subscriptions: after, answer: { type: 'subscribed', ...subscribed(message, after) } }
}

function subscribed(
  { symbols, types }: { readonly symbols: readonly string[]; readonly types: readonly Subscribable[] },
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

import { type Channels, countOf, type Selection, subscribe, unsubscribe } from './channels.ts'

/** What a client has done wrong, or what has gone wrong for it. */
export type FaultKind =
  | 'invalid-message'
  | 'not-authenticated'
  | 'key-refused'
  | 'already-authenticated'
  | 'no-key-in-time'
  | 'too-many-symbols'
  | 'too-many-connections'
  | 'too-slow'
  | 'no-such-channel'
  | 'unavailable'

export type Fault = { readonly kind: FaultKind; readonly detail: string }

/** A message of a client. */
export type Command =
  | { readonly type: 'authenticate'; readonly key: string }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly selection: Selection }
  | { readonly type: 'invalid'; readonly fault: Fault }

/** A connection. */
export type State =
  | { readonly type: 'greeted' }
  | { readonly type: 'authenticated'; readonly key: string; readonly channels: Channels }

export type Decision =
  /** The state stays as it is. */
  | { readonly type: 'refuse'; readonly fault: Fault }
  /** The API decides. */
  | { readonly type: 'check'; readonly key: string }
  | { readonly type: 'change'; readonly channels: Channels }

/** Subscriptions that a connection may have. */
export const MAX_SUBSCRIPTIONS = 10_000

/** Decides what a message of a client comes to. */
export function decide(state: State, command: Command): Decision {
  if (command.type === 'invalid') return { type: 'refuse', fault: command.fault }
  if (command.type === 'authenticate')
    return state.type === 'greeted'
      ? { type: 'check', key: command.key }
      : refuse('already-authenticated', 'the connection has sent a key before, which was taken')
  if (state.type === 'greeted') return refuse('not-authenticated', 'send the key first')
  if (command.type === 'unsubscribe')
    return { type: 'change', channels: unsubscribe(state.channels, command.selection) }
  const channels = subscribe(state.channels, command.selection)
  const count = countOf(channels)
  if (count <= MAX_SUBSCRIPTIONS) return { type: 'change', channels }
  return refuse(
    'too-many-symbols',
    `the subscriptions would be ${count}, and ${MAX_SUBSCRIPTIONS} are allowed: none was added; take "*" for all symbols, or a second connection`,
  )
}

function refuse(kind: FaultKind, detail: string): Decision {
  return { type: 'refuse', fault: { kind, detail } }
}

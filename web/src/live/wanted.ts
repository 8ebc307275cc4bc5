/** Types of records of the WebSocket API that the page uses. */
const RECORD_TYPES = ['bar', 'ticks', 'indicators', 'patterns'] as const

export type RecordType = (typeof RECORD_TYPES)[number]

/** Symbols by type; `*` is every symbol. */
export type Subscriptions = Readonly<Record<RecordType, ReadonlySet<string>>>

export const NOTHING: Subscriptions = {
  bar: new Set(),
  ticks: new Set(),
  indicators: new Set(),
  patterns: new Set(),
}

/** A message of a client to the WebSocket API. */
export type SubscriptionMessage = {
  readonly action: 'subscribe' | 'unsubscribe'
  readonly symbols: readonly string[]
  readonly types: readonly [RecordType]
}

/**
 * The next message that brings what is subscribed nearer to what is wanted: one type at a time, so that a type that an API
 * does not have is refused alone. Undefined when there is nothing to send.
 */
export function nextMessage(
  wanted: Subscriptions,
  subscribed: Subscriptions,
  refused: ReadonlySet<RecordType>,
): SubscriptionMessage | undefined {
  for (const type of RECORD_TYPES) {
    if (refused.has(type)) continue
    const missing = without(wanted[type], subscribed[type])
    if (missing.length > 0) return { action: 'subscribe', symbols: missing, types: [type] }
    const unused = without(subscribed[type], wanted[type])
    // `*` takes everything away; what is wanted is then missing, and subscribed again.
    if (unused.length > 0) return { action: 'unsubscribe', symbols: unused, types: [type] }
  }
  return undefined
}

function without(symbols: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...symbols].filter((symbol) => !others.has(symbol))
}

/** What an answer says is subscribed. A type that it does not name is one that the API does not have. */
export function subscriptionsIn(
  answer: Readonly<Record<string, readonly string[] | undefined>>,
): Subscriptions {
  const of = (type: RecordType): ReadonlySet<string> => new Set(answer[type] ?? [])
  return { bar: of('bar'), ticks: of('ticks'), indicators: of('indicators'), patterns: of('patterns') }
}

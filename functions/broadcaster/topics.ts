import { ALL_SYMBOLS, RECORD_TYPES, type Subscriptions } from './subscriptions.ts'

/** By which the table `subscribers` finds connections: a symbol, `*`, `ticks>` before one of these, or one of the two below. */
export type Topic = string

/** Of all connections that subscribe to `ticks`, whatever the symbols: few of them are found by one request. */
export const LIVE = '!ticks'

/** Of the connections that have to be ended, whatever they subscribe to. */
export const TO_END = '!to-end'

/** The topics of a connection with these subscriptions. */
export function topicsOf(subscriptions: Subscriptions): ReadonlySet<Topic> {
  const topics = new Set<Topic>()
  for (const type of RECORD_TYPES) for (const symbol of subscriptions[type]) topics.add(symbol)
  for (const symbol of subscriptions.ticks) topics.add(topicOfTicks(symbol))
  if (subscriptions.ticks.size > 0) topics.add(LIVE)
  return topics
}

/** No symbol has a `>`. */
function topicOfTicks(symbol: string): Topic {
  return `ticks>${symbol}`
}

/** What a batch of records with these symbols, of any type but `ticks`, asks the index for. */
export function topicsOfSymbols(symbols: Iterable<string>): Topic[] {
  return [...new Set(symbols), ALL_SYMBOLS, TO_END]
}

/** What a batch of trades of these symbols asks the index for. */
export function topicsOfTicks(symbols: Iterable<string>): Topic[] {
  return [...new Set([...symbols, ALL_SYMBOLS])].map(topicOfTicks)
}

import * as z from 'zod'

import { NO_SUBSCRIPTIONS, SUBSCRIBABLE, subscribe, type Subscriptions, symbolsOf } from './subscriptions.ts'

const textSchema = z.array(z.tuple([z.array(z.enum(SUBSCRIBABLE)), z.array(z.string())]))

/** Groups symbols with the same types: `[[["bar","indicators"],["AAPL","MSFT"]]]`. Equal subscriptions encode equally. */
export function encodeSubscriptions(subscriptions: Subscriptions): string {
  const groups = new Map<string, string[]>()
  for (const symbol of symbolsOf(subscriptions)) {
    const types = JSON.stringify(SUBSCRIBABLE.filter((type) => subscriptions[type].has(symbol)))
    groups.set(types, [...(groups.get(types) ?? []), symbol])
  }
  const texts = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `[${texts.map(([types, symbols]) => `[${types},${JSON.stringify(symbols)}]`).join(',')}]`
}

/** Undefined when `encodeSubscriptions` did not write the text. */
export function decodeSubscriptions(text: string): Subscriptions | undefined {
  try {
    return textSchema
      .parse(JSON.parse(text))
      .reduce((all, [types, symbols]) => subscribe(all, { types, symbols }), NO_SUBSCRIPTIONS)
  } catch {
    return undefined
  }
}

import type { PlainBar } from './plain-fold.ts'

const FIELDS = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'tradeCount'] as const

/** The key of a symbol's minute, readable in a report. */
export function barKey(symbol: string, start: number): string {
  return `${symbol} ${new Date(start * 1000).toISOString().replace('.000Z', 'Z')}`
}

/** How a stored bar differs from the one that its ticks make; undefined when they are equal. */
export function differences(expected: PlainBar | undefined, found: PlainBar | undefined): string | undefined {
  if (expected === undefined)
    return found && `a bar found, of no tick on the stream (${found.tradeCount} ticks)`
  if (found === undefined) return `no bar found, of ${expected.tradeCount} ticks`
  const wrong = FIELDS.filter((field) => expected[field] !== found[field])
  if (wrong.length === 0) return undefined
  return wrong.map((field) => `${field} ${expected[field]} expected, ${found[field]} found`).join(', ')
}

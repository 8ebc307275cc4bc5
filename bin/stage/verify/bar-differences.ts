import { minuteText } from '../../../functions/shared/runtime/minute-text.ts'
import type { PlainBar } from './plain-fold.ts'

const SUMS = ['volume', 'notional', 'vwap', 'tradeCount'] as const
const FIELDS = ['open', 'high', 'low', 'close', ...SUMS] as const

/** A bar as it is stored: rows of before release 0.3.0 have no notional. */
export type StoredBar = Omit<PlainBar, 'notional'> & {
  readonly notional: string | null
  readonly complete: boolean | null
}

/** The key of a symbol's minute, readable in a report. */
export function barKey(symbol: string, start: number): string {
  return `${symbol} ${minuteText(start)}`
}

/**
 * How a stored bar differs from the one that its ticks make; undefined when they are equal. Of a bar that says it is not
 * complete only the sums are compared: a cancelled trade may have made its high.
 */
export function differences(
  expected: PlainBar | undefined,
  found: StoredBar | undefined,
): string | undefined {
  if (expected === undefined)
    return found && `a bar found, of no tick on the stream (${found.tradeCount} ticks)`
  if (found === undefined) return `no bar found, of ${expected.tradeCount} ticks`
  const fields = found.complete === false ? SUMS : FIELDS
  const wrong = fields.filter((field) => found[field] !== expected[field] && !isUnknown(found, field))
  if (wrong.length === 0) return undefined
  return wrong.map((field) => `${field} ${expected[field]} expected, ${found[field]} found`).join(', ')
}

function isUnknown({ notional }: StoredBar, field: (typeof FIELDS)[number]): boolean {
  return field === 'notional' && notional === null
}

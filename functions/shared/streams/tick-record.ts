import * as z from 'zod'

/** A JSON number, kept as its text: binary floating point would lose digits of it. */
class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const decimal = z.union([z.instanceof(NumberText).transform((number) => number.text), z.string()], {
  error: 'must be a JSON number or a decimal string',
})

/** One tick as `[timestamp, price, volume]`, the timestamp in Unix seconds. */
export const tickTupleSchema = z.tuple([decimal, decimal, decimal], {
  error: 'must be [timestamp, price, volume]',
})

/** The record of one tick; other keys (`id`, `conditions`, `type`, ...) are allowed and not used. */
export const tickSchema = z.object({
  symbol: z.string('must be a string'),
  price: decimal,
  volume: decimal,
  timestamp: decimal,
})

/** The record of a batch: ticks of one symbol, in order. */
export const tickBatchSchema = z.object({
  symbol: z.string('must be a string'),
  source: z.string('must be a string').max(64, 'must have at most 64 characters').optional(),
  sequence: z
    .instanceof(NumberText, { error: 'must be a JSON number' })
    .transform((number) => Number(number.text))
    .pipe(z.int('must be a whole number below 2^53').nonnegative('must not be negative'))
    .optional(),
  ticks: z
    .array(z.unknown(), 'must be an array of [timestamp, price, volume]')
    .min(1, 'is empty: send at least one tick'),
})

/** Writes what `parseExactJson` read, every number with its own text. */
export function formatExactJson(value: unknown): string {
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map(formatExactJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${formatExactJson(inner)}`)
    .join(',')}}`
}

/**
 * Parses JSON and keeps every number's text.
 *
 * @throws SyntaxError when it is not JSON
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
  )
}

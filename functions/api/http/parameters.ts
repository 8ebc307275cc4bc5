import { z } from '@hono/zod-openapi'

import { isSymbol } from '../../domain/trade.ts'
import { FORMAT_NAMES } from '../formats/formats.ts'
import { NUMBER_FORMATS } from './numbers.ts'
import { EARLIEST, LATEST } from './times.ts'

/** Symbols that one request may ask for. */
const MAX_SYMBOLS = 100
/** Entries that one page may have, */
export const MAX_LIMIT = 10_000
/** and with `limit=all`. */
const ALL_ENTRIES = 50_000
const DEFAULT_LIMIT = 1000

const SYMBOL_ALLOWED =
  '1 to 64 letters, digits, spaces within or . _ : / ^ = + @ # $ & ! * ~ ( ) | - (in a URL, write / as %2F, + as %2B, # as %23, & as %26, a space as %20)'
// No pattern: engines disagree on the letters of Unicode, and a client of ours might refuse a symbol that we take.
const MAX_SYMBOL = 64

/** One symbol. */
export const symbolParameter = z
  .string(SYMBOL_ALLOWED)
  .refine(isSymbol, SYMBOL_ALLOWED)
  .openapi({
    minLength: 1,
    maxLength: MAX_SYMBOL,
    example: 'AAPL',
    description: `The symbol: ${SYMBOL_ALLOWED}`,
  })

const SYMBOLS_ALLOWED = `1 to ${MAX_SYMBOLS} symbols with commas between them, each of ${SYMBOL_ALLOWED}`

/** Several symbols, once each and in order. */
export const symbolsParameter = listOf(isSymbol, MAX_SYMBOLS, SYMBOLS_ALLOWED).openapi({
  type: 'string',
  minLength: 1,
  example: 'AAPL,MSFT',
  description: `Up to ${MAX_SYMBOLS} symbols with commas between them`,
})

/** What is allowed as a time, for errors; `zone` is the time zone in which a day begins. */
function timeAllowed(zone: string): string {
  return `a time such as 2025-11-10T14:30:00Z or 2025-11-10T09:30:00-05:00, or a day such as 2025-11-10 (its start in ${zone}), from 1900 to 2199; in a URL, write + as %2B`
}

/** The text of a time or a day. */
function timeText(zone: string) {
  return z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], timeAllowed(zone))
    .refine((text) => Date.parse(text) >= EARLIEST && Date.parse(text) < LATEST, timeAllowed(zone))
}

/** A time, as Unix milliseconds. */
export function describedTime(description: string) {
  return timeText('UTC')
    .transform((text) => Date.parse(text))
    .optional()
    .openapi({ type: 'string', example: '2025-11-10T14:30:00Z', description })
}

/** A time as text; the parameter `tz` decides when a day begins. */
export function describedInZone(description: string) {
  return timeText('tz').optional().openapi({ type: 'string', example: '2025-11-10T14:30:00Z', description })
}

const WHOLE = /^[1-9]\d{0,8}$/
const LIMIT_ALLOWED = `a whole number from 1 to ${MAX_LIMIT}, or all`

/** How many entries a page of another vendor's paths may have, which is a number there. */
export const countParameter = wholeNumber({
  max: MAX_LIMIT,
  fallback: DEFAULT_LIMIT,
  allowed: `a whole number from 1 to ${MAX_LIMIT}`,
})

/** How many entries a page may have. */
export const limitParameter = z
  .string()
  .refine((text) => text === 'all' || (WHOLE.test(text) && Number(text) <= MAX_LIMIT), LIMIT_ALLOWED)
  .transform((text) => (text === 'all' ? ALL_ENTRIES : Number(text)))
  .default(DEFAULT_LIMIT)
  .openapi({
    type: ['integer', 'string'],
    anyOf: [
      { type: 'integer', minimum: 1, maximum: MAX_LIMIT },
      { type: 'string', enum: ['all'] },
    ],
    default: DEFAULT_LIMIT,
    description: `Entries per page, 1 to ${MAX_LIMIT.toLocaleString('en')}, over all symbols; a page may have fewer and not be the last. all: as many as one answer can have, up to ${ALL_ENTRIES.toLocaleString('en')}; where there are more, there is a next page`,
  })

/** Where the page begins. */
export const pageTokenParameter = z
  .string()
  .min(1, 'the next_page_token of the page before')
  .optional()
  .openapi({ description: 'The next_page_token of the page before', example: undefined })

/** How decimals are written. */
export const numbersParameter = z
  .enum(['number', 'string'], 'number or string')
  .transform((name) => NUMBER_FORMATS[name])
  .default(() => NUMBER_FORMATS.number)
  .openapi({
    type: 'string',
    enum: ['number', 'string'],
    default: 'number',
    description: 'Decimals as JSON numbers, or as text with exact digits',
  })

/** What becomes of text in a CSV that a spreadsheet would take for a formula. */
export const formulasParameter = z.enum(['quoted', 'raw'], 'quoted or raw').default('quoted').openapi({
  description:
    'Only of CSV: text that begins with =, +, -, @, a tab or a line break, and is no number, gets an apostrophe in front, so that no spreadsheet runs it; or stays as it is',
})

/** In which form a list is answered. */
export const formatParameter = z
  .enum(FORMAT_NAMES, `one of ${FORMAT_NAMES.join(', ')}`)
  .optional()
  .openapi({
    description:
      'The form of the answer, whatever the header accept says: json, or rows as csv, as a JSON object a line, as a stream of Apache Arrow, or as a file of Parquet',
  })

/** A whole number from 1 on. */
export function wholeNumber({
  max,
  fallback,
  allowed,
}: {
  readonly max: number
  readonly fallback: number
  readonly allowed: string
}) {
  return z
    .string()
    .regex(WHOLE, allowed)
    .transform(Number)
    .refine((value) => value <= max, allowed)
    .default(fallback)
}

/** Names with commas between them, once each and in order. */
export function listOf(isOne: (text: string) => boolean, max: number, allowed: string) {
  return z
    .string(allowed)
    .transform((text) => text.split(','))
    .refine((names) => names.length <= max && names.every(isOne), allowed)
    .transform((names) => [...new Set(names)].toSorted())
}

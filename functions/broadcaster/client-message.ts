import * as z from 'zod'

import { isSymbol } from '../domain/trade.ts'
import { ALL_SYMBOLS, MAX_SYMBOLS, RECORD_TYPES, type Selection } from './subscriptions.ts'

/** A message of a client; `unknown` with its fault when it is not valid. */
export type ClientMessage =
  | ({ readonly action: 'subscribe' | 'unsubscribe' } & Selection)
  | { readonly action: 'ping' }
  | { readonly action: 'unknown'; readonly fault: string }

const symbolSchema = z
  .string(`allowed is a symbol in quotes, or "${ALL_SYMBOLS}" for all`)
  .refine(
    (text) => text === ALL_SYMBOLS || isSymbol(text),
    `allowed are 1 to 64 letters, digits or . _ : / ^ = + @ # $ & -, or "${ALL_SYMBOLS}" for all`,
  )

const symbolsAllowed = `allowed is a list of 1 to ${MAX_SYMBOLS} symbols, or ["${ALL_SYMBOLS}"] for all`
const typesAllowed = `allowed is a list of ${RECORD_TYPES.join(', ')}`

const selection = {
  symbols: z.array(symbolSchema, symbolsAllowed).min(1, symbolsAllowed).max(MAX_SYMBOLS, symbolsAllowed),
  types: z
    .array(z.enum(RECORD_TYPES, `allowed is ${RECORD_TYPES.join(', ')}`), typesAllowed)
    .min(1, typesAllowed)
    .default([...RECORD_TYPES]),
}

const messageSchema = z.discriminatedUnion(
  'action',
  [
    z.strictObject({ action: z.literal('subscribe'), ...selection }),
    z.strictObject({ action: z.literal('unsubscribe'), ...selection }),
    z.strictObject({ action: z.literal('ping') }),
  ],
  'allowed is subscribe, unsubscribe or ping',
)

const EXAMPLE = '{"action":"subscribe","symbols":["AAPL"]}'
/** Characters of a value, and faults of a message, that an error shows. */
const SHOWN = 60
const FAULTS = 3

/** Parses a message of a client; a fault names what was wrong, the value, and what is allowed. */
export function readMessage(text: string): ClientMessage {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return unknown(`the message ${shown(text)} is not JSON: allowed is an object, as ${EXAMPLE}`)
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return unknown(`the message is ${shown(text)}: allowed is an object, as ${EXAMPLE}`)
  const parsed = messageSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => faultOf(issue, given))
  const more = faults.length > FAULTS ? [`and ${faults.length - FAULTS} more`] : []
  return unknown([...faults.slice(0, FAULTS), ...more].join('; '))
}

function unknown(fault: string): ClientMessage {
  return { action: 'unknown', fault }
}

function faultOf(issue: z.core.$ZodIssue, given: object): string {
  if (issue.code === 'unrecognized_keys') return `there is no key ${issue.keys.map(shown).join(', ')}`
  const value = issue.path.reduce<unknown>(
    (within, key) => (typeof within === 'object' && within !== null ? Reflect.get(within, key) : undefined),
    given,
  )
  const name = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : String(key))).join('')
  return `${name} is ${value === undefined ? 'not set' : shown(JSON.stringify(value))}: ${issue.message}`
}

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}... (${text.length} characters)` : text
}

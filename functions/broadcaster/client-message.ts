import * as z from 'zod'

import { isSymbol } from '../domain/trade.ts'
import { JsonDepthError, parseShallowJson } from '../shared/streams/json-depth.ts'
import { ALL_SYMBOLS, MAX_SYMBOLS, RECORD_TYPES, type Selection, SUBSCRIBABLE } from './subscriptions.ts'

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
const typesAllowed = `allowed is a list of ${SUBSCRIBABLE.join(', ')}`

const symbols = z.array(symbolSchema, symbolsAllowed).min(1, symbolsAllowed).max(MAX_SYMBOLS, symbolsAllowed)
const types = z
  .array(z.enum(SUBSCRIBABLE, `allowed is ${SUBSCRIBABLE.join(', ')}`), typesAllowed)
  .min(1, typesAllowed)

const messageSchema = z.discriminatedUnion(
  'action',
  [
    z.strictObject({ action: z.literal('subscribe'), symbols, types: types.default([...RECORD_TYPES]) }),
    z.strictObject({ action: z.literal('unsubscribe'), symbols, types: types.default([...SUBSCRIBABLE]) }),
    z.strictObject({ action: z.literal('ping') }),
  ],
  'allowed is subscribe, unsubscribe or ping',
)

const EXAMPLE = '{"action":"subscribe","symbols":["AAPL"]}'
/** Characters of a value, and faults or keys of a message, that an error shows. */
const SHOWN = 60
const FAULTS = 3

/** Parses a message of a client; a fault names what was wrong, the value, and what is allowed. */
export function readMessage(text: string): ClientMessage {
  let given: unknown
  try {
    given = parseShallowJson(text)
  } catch (error) {
    if (error instanceof JsonDepthError)
      return unknown(
        `the message ${shown(text)} is refused: ${error.message}; allowed is an object, as ${EXAMPLE}`,
      )
    return unknown(`the message ${shown(text)} is not JSON: allowed is an object, as ${EXAMPLE}`)
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return unknown(`the message is ${shown(text)}: allowed is an object, as ${EXAMPLE}`)
  const parsed = messageSchema.safeParse(given)
  if (parsed.success) return parsed.data
  return unknown(firstOf(parsed.error.issues, (issue) => faultOf(issue, given)).join('; '))
}

/** The first few of a list, and how many more there are: a list of the client's may be long. */
function firstOf<Item>(items: readonly Item[], textOf: (item: Item) => string): string[] {
  const more = items.length > FAULTS ? [`and ${items.length - FAULTS} more`] : []
  return [...items.slice(0, FAULTS).map(textOf), ...more]
}

function unknown(fault: string): ClientMessage {
  return { action: 'unknown', fault }
}

function faultOf(issue: z.core.$ZodIssue, given: object): string {
  if (issue.code === 'unrecognized_keys') return `there is no key ${firstOf(issue.keys, shown).join(', ')}`
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

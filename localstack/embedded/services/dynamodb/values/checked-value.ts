import { bytesOfBase64 } from '../../../http/base64.ts'
import { invalid } from '../errors.ts'
import { type AttributeType, type AttributeValue, type Item, itemOf } from './attribute-value.ts'
import { formatDecimal, parseDecimal } from './decimal.ts'

/** DynamoDB's limit for maps and lists within each other. */
const DEEPEST = 32

/** An item as a request gives it, with its numbers in the one way in which they are kept. */
export function checkedItem(given: unknown): Item {
  if (!isObject(given)) throw malformed('a map of attributes', given)
  return attributesOf(given, 0)
}

/** A value as a request gives it; throws a ValidationException where DynamoDB would. */
export function checkedValue(given: unknown, depth = 0): AttributeValue {
  if (!isObject(given)) throw malformed('an attribute value', given)
  const types = Object.keys(given)
  const [type = ''] = types
  if (types.length === 0)
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
  if (types.length > 1)
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    )
  if (depth > DEEPEST) throw invalid('Nesting Levels have exceeded supported limits')
  const read = readers.get(type)
  if (read === undefined)
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
  return read(given[type], depth)
}

const readerOf: Readonly<Record<AttributeType, (given: unknown, depth: number) => AttributeValue>> = {
  S: (given) => ({ S: text(given) }),
  N: (given) => ({ N: number(given) }),
  B: (given) => ({ B: bytes(given) }),
  BOOL: (given) => {
    if (typeof given !== 'boolean') throw malformed('a boolean', given)
    return { BOOL: given }
  },
  NULL: (given) => {
    if (given !== true)
      throw invalid(
        'One or more parameter values were invalid: Null attribute value types must have the value of true',
      )
    return { NULL: true }
  },
  SS: (given) => ({ SS: members(given, 'string', text) }),
  NS: (given) => ({ NS: members(given, 'number', number) }),
  BS: (given) => ({ BS: members(given, 'binary', bytes) }),
  L: (given, depth) => {
    if (!Array.isArray(given)) throw malformed('a list', given)
    return { L: given.map((each) => checkedValue(each, depth + 1)) }
  },
  M: (given, depth) => {
    if (!isObject(given)) throw malformed('a map', given)
    return { M: attributesOf(given, depth + 1) }
  },
}

const readers = new Map(Object.entries(readerOf))

function attributesOf(given: Readonly<Record<string, unknown>>, depth: number): Item {
  return itemOf(Object.entries(given).map(([name, value]) => [name, checkedValue(value, depth)] as const))
}

function text(given: unknown): string {
  if (typeof given !== 'string') throw malformed('a string', given)
  return given
}

function number(given: unknown): string {
  return formatDecimal(parseDecimal(text(given)))
}

function bytes(given: unknown): string {
  const written = text(given)
  const read = bytesOfBase64(written)
  if (read === undefined) throw malformed('base64', given)
  return read.toString('base64')
}

function members(given: unknown, kind: string, read: (each: unknown) => string): readonly string[] {
  if (!Array.isArray(given)) throw malformed('a list', given)
  if (given.length === 0)
    throw invalid(`One or more parameter values were invalid: An ${kind} set  may not be empty`)
  const values = given.map(read)
  if (new Set(values).size < values.length)
    throw invalid(
      `One or more parameter values were invalid: Input collection [${given.join(', ').slice(0, 200)}] contains duplicates.`,
    )
  return values
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

function malformed(what: string, given: unknown): Error {
  return invalid(`Expected ${what}, and got ${JSON.stringify(given)?.slice(0, 100) ?? String(given)}`)
}

import { isTape, type Tape } from '../domain/conditions.ts'
import { isSymbol, type Producer, type RunType } from '../domain/trade.ts'
import type { Rejection } from '../shared/dead-letters/rejection.ts'
import { NumberText } from '../shared/streams/exact-json.ts'
import type { RecordOrigin, Said } from './parsed-record.ts'
import { EXPECTED, Fault, quote, show } from './record-fault.ts'

const COMMON_KEYS = ['symbol', 'source', 'sequence', 'line', 'contiguous', 'tape', 'type'] as const
/** Keys that a batch may have. */
const BATCH_KEYS: readonly string[] = [...COMMON_KEYS, 'ticks']
/** Keys that a record of one trade may have. */
const TRADE_KEYS: readonly string[] = [
  ...COMMON_KEYS,
  'timestamp',
  'price',
  'volume',
  'id',
  'conditions',
  'side',
  'was',
]

/** What a record says for all of its trades. */
export type Common = {
  readonly symbol: string
  readonly producer: Producer | undefined
  /** As given; the source stands in for it. */
  readonly line: string | undefined
  readonly isContiguous: boolean
  readonly said: Omit<Said, 'conditions' | 'sides'>
  readonly tape: Tape | undefined
  readonly type: RunType
}

/**
 * What a record says for all of its trades.
 *
 * @throws Fault
 */
export function readCommon(
  fields: ReadonlyMap<string, unknown>,
  { partitionKey }: Pick<RecordOrigin, 'partitionKey'>,
): Common {
  const symbol = textOf(fields, 'symbol')
  if (symbol === undefined) throw new Fault('wrong-shape', `symbol is missing; ${EXPECTED}`)
  if (!isSymbol(symbol))
    throw new Fault(
      'bad-symbol',
      `symbol ${quote(symbol)} is not 1 to 64 letters, digits, single spaces inside, or . _ : / ^ = + @ # $ & ! * ~ ' ( ) | % -`,
    )
  if (symbol !== partitionKey)
    throw new Fault(
      'partition-key',
      `symbol ${quote(symbol)} was put with partition key ${quote(partitionKey)}; put it with the symbol as partition key, since a symbol's order rests on it`,
    )
  const source = textOf(fields, 'source', { max: 64 })
  const sequence = wholeNumberOf(fields, 'sequence')
  const contiguous = fields.get('contiguous')
  if (contiguous !== undefined && typeof contiguous !== 'boolean')
    throw new Fault('wrong-shape', `contiguous is ${show(contiguous)}; send true or false`)
  const line = textOf(fields, 'line', { max: 64 })
  const tape = tapeOf(fields.get('tape'))
  return {
    symbol,
    producer: sequence === undefined ? undefined : { source: source ?? '', sequence },
    line: line ?? source,
    isContiguous: contiguous ?? false,
    tape,
    type: typeOf(fields.get('type')),
    said: { source, line, contiguous, tape },
  }
}

/** Massive numbers the tapes. */
const TAPE_NUMBERS: Readonly<Record<string, Tape>> = { 1: 'A', 2: 'B', 3: 'C' }

function tapeOf(given: unknown): Tape | undefined {
  if (given === undefined) return undefined
  const tape = given instanceof NumberText ? (TAPE_NUMBERS[given.text] ?? given.text) : given
  if (isTape(tape)) return tape
  throw new Fault('bad-conditions', `tape is ${show(given)}; send A, B or C, or 1, 2 or 3`)
}

function typeOf(given: unknown): RunType {
  if (given === undefined || given === 'trade') return 'trade'
  if (given === 'cancel' || given === 'correct') return given
  throw new Fault('bad-type', `type is ${show(given)}; the stream takes trade, cancel and correct`)
}

/** @throws Fault when a record has a key without a meaning */
export function refuseUnknownKeys(fields: ReadonlyMap<string, unknown>): void {
  const known = fields.has('ticks') ? BATCH_KEYS : TRADE_KEYS
  const unknown = [...fields.keys()].find((key) => !known.includes(key))
  if (unknown === undefined) return
  const missing = ['symbol', 'price', 'volume', 'timestamp'].find(
    (key) => known.includes(key) && !fields.has(key),
  )
  throw new Fault(
    'wrong-shape',
    missing === undefined
      ? `the key ${quote(unknown)} has no meaning here; leave it out: known are ${known.join(', ')}`
      : `${missing} is missing, and the key ${quote(unknown)} has no meaning here; ${EXPECTED}`,
  )
}

/** What a trade of a batch needs to mean the same in a record of its own. */
export function sentWithOf({ line, isContiguous, tape }: Common): Pick<Rejection, 'sentWith'> {
  const sentWith = {
    ...(line !== undefined && { line }),
    ...(isContiguous && { contiguous: true }),
    ...(tape !== undefined && { tape }),
  }
  return Object.keys(sentWith).length === 0 ? {} : { sentWith }
}

/** A text of a record. @throws Fault */
export function textOf(
  fields: ReadonlyMap<string, unknown>,
  name: string,
  { max = Infinity }: { readonly max?: number } = {},
): string | undefined {
  const given = fields.get(name)
  if (given === undefined) return undefined
  if (typeof given !== 'string')
    throw new Fault('wrong-shape', `${name} is ${show(given)}: must be a string; ${EXPECTED}`)
  if (given.length > max)
    throw new Fault(
      'wrong-shape',
      `${name} is ${quote(given)}: must have at most ${max} characters; ${EXPECTED}`,
    )
  return given
}

function wholeNumberOf(fields: ReadonlyMap<string, unknown>, name: string): number | undefined {
  const given = fields.get(name)
  if (given === undefined) return undefined
  const value = given instanceof NumberText ? Number(given.text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Fault(
    'wrong-shape',
    `${name} is ${show(given)}: must be a whole JSON number from 0 to 2^53 - 1; ${EXPECTED}`,
  )
}

import { type Decimal, parseDecimal } from '../decimal.ts'
import { PATTERNS } from '../patterns/table.ts'

/** What a bar can be compared by. */
export const BAR_FIELDS: readonly string[] = ['open', 'high', 'low', 'close', 'volume', 'trade_count']

/** Which record a condition is about. */
type Subject = 'bar' | 'indicators'

/** One side of a comparison: a value of the record, or a number. */
type Operand =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'number'; readonly number: Decimal; readonly double: number }

/** A comparison of two values of one record. */
type Compared = { readonly of: Subject; readonly left: string; readonly right: Operand }

export type Relation = '>' | '>=' | '<' | '<='
export type Direction = 'bullish' | 'bearish' | 'neutral'

export type Level = Compared & { readonly type: 'level'; readonly relation: Relation }
export type Crossing = Compared & { readonly type: 'crossing'; readonly to: 'above' | 'below' }

/** When a rule fires. */
export type Condition =
  | Level
  | Crossing
  /** Any pattern, and any direction, where they are undefined. */
  | {
      readonly type: 'pattern'
      readonly pattern: string | undefined
      readonly direction: Direction | undefined
    }
  | { readonly type: 'silent'; readonly minutes: number }

/** A condition that cannot be read. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
}

/** The forms of a condition, for errors and help. */
const CONDITION_FORMS =
  '"close > 150.25", "rsi_14 crosses above 70", "ema_5 crosses below ema_20", "pattern hammer", "pattern any bullish" or "silent 5 minutes"'

const LONGEST_CONDITION = 200
const LONGEST_SILENCE = 1440
const NAME = /^[a-z][a-z0-9_.]*$/
const COMPARISON = /^(\S+?)(?: crosses (above|below) | ?(>=|<=|>|<) ?)(\S+)$/

/**
 * Reads a condition, such as `rsi_14 crosses above 70`.
 *
 * @throws ConditionError saying what is wrong, and what is allowed
 */
export function parseCondition(given: string): Condition {
  const text = given.trim().replaceAll(/\s+/g, ' ')
  if (text.length > LONGEST_CONDITION)
    throw new ConditionError(`the condition has ${text.length} characters; allowed are ${LONGEST_CONDITION}`)
  const [first = '', ...words] = text.split(' ')
  if (first === 'pattern') return readPattern(text, words)
  if (first === 'silent') return readSilence(text, words)
  return readComparison(text)
}

/** The names of indicators that a condition is about. */
export function indicatorsOf(condition: Condition): readonly string[] {
  if (!('of' in condition) || condition.of === 'bar') return []
  const { left, right } = condition
  return right.type === 'name' ? [left, right.name] : [left]
}

function readPattern(text: string, [name, direction, ...more]: readonly string[]): Condition {
  const names = PATTERNS.map((pattern) => pattern.name)
  if (name === undefined || (name !== 'any' && !names.includes(name)))
    throw new ConditionError(
      `there is no pattern ${JSON.stringify(name ?? '')} in "${text}"; there are any, ${names.join(', ')}`,
    )
  if (more.length > 0 || (direction !== undefined && !isDirection(direction)))
    throw new ConditionError(
      `"${[direction, ...more].join(' ')}" in "${text}" is no direction; allowed are bullish, bearish, neutral`,
    )
  return { type: 'pattern', pattern: name === 'any' ? undefined : name, direction }
}

function isDirection(text: string): text is Direction {
  return text === 'bullish' || text === 'bearish' || text === 'neutral'
}

function readSilence(text: string, [count = '', unit = '', ...more]: readonly string[]): Condition {
  const minutes = Number(count)
  const isCount = /^[1-9]\d{0,3}$/.test(count) && minutes <= LONGEST_SILENCE
  if (!isCount || !/^minutes?$/.test(unit) || more.length > 0)
    throw new ConditionError(
      `"${text}" is no silence; allowed is "silent 5 minutes", with 1 to ${LONGEST_SILENCE} of them`,
    )
  return { type: 'silent', minutes }
}

function readComparison(text: string): Condition {
  const [, left = '', to, relation, right = ''] = COMPARISON.exec(text) ?? []
  if (left === '') throw new ConditionError(`"${text}" is no condition; allowed are ${CONDITION_FORMS}`)
  if (!NAME.test(left))
    throw new ConditionError(
      `"${left}" in "${text}" is no value; allowed are ${BAR_FIELDS.join(', ')} and the names of indicators, as rsi_14`,
    )
  const compared: Compared = { of: subjectOf(left), left, right: readOperand(text, right) }
  if (compared.right.type === 'name' && subjectOf(compared.right.name) !== compared.of)
    throw new ConditionError(
      `${left} and ${compared.right.name} in "${text}" are not of one record; compare values of the bar with each other, indicators with each other, or either with a number`,
    )
  if (to === 'above' || to === 'below') return { type: 'crossing', to, ...compared }
  return { type: 'level', relation: relationOf(relation), ...compared }
}

function relationOf(text: string | undefined): Relation {
  return text === '>' || text === '>=' || text === '<' ? text : '<='
}

function subjectOf(name: string): Subject {
  return BAR_FIELDS.includes(name) ? 'bar' : 'indicators'
}

function readOperand(text: string, operand: string): Operand {
  if (NAME.test(operand)) return { type: 'name', name: operand }
  const number = parseDecimal(operand)
  if (typeof number === 'string')
    throw new ConditionError(
      `"${operand}" in "${text}" is neither a number nor a value (${number}); allowed are numbers as 150.25 and names as ema_20`,
    )
  return { type: 'number', number, double: Number(operand) }
}

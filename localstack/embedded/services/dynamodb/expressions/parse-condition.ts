import { invalid } from '../errors.ts'
import { type AttributeValue, typeOf } from '../values/attribute-value.ts'
import type { Comparator, Condition, ConditionFunction, Operand } from './condition.ts'
import { compareValues } from './evaluate.ts'
import { named, parsePath } from './path.ts'
import type { References } from './references.ts'
import { type Tokens, tokenize } from './tokens.ts'

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])
const ARITY: Readonly<Record<ConditionFunction, 1 | 2>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
}
const MOST_IN_LIST = 100

/** What a reader of conditions takes its operands from: an expression's `:value`, or a statement's `?`. */
export type ConditionSource = {
  readonly tokens: Tokens
  readonly what: string
  readonly operand: () => Operand
}

/** Reads a condition, as those of `ConditionExpression` and `FilterExpression`. */
export function parseCondition(text: string, references: References, what: string): Condition {
  const tokens = tokenize(text, what)
  const operand = (): Operand => {
    const { type, text: reference } = tokens.peek()
    if (type !== 'value') return { kind: 'path', path: parsePath(tokens, references, what) }
    tokens.next()
    return { kind: 'value', value: named(() => references.value(reference), what) }
  }
  const condition = readCondition({ tokens, what, operand })
  if (tokens.peek().type !== 'end') throw tokens.unexpected()
  return condition
}

/** Reads a condition and stops behind it. */
export function readCondition(source: ConditionSource): Condition {
  let left = readAnd(source)
  while (source.tokens.take('OR')) left = { kind: 'or', left, right: readAnd(source) }
  return left
}

function readAnd(source: ConditionSource): Condition {
  let left = readNot(source)
  while (source.tokens.take('AND')) left = { kind: 'and', left, right: readNot(source) }
  return left
}

function readNot(source: ConditionSource): Condition {
  if (source.tokens.take('NOT')) return { kind: 'not', condition: readNot(source) }
  return readPrimary(source)
}

function readPrimary(source: ConditionSource): Condition {
  const { tokens } = source
  if (tokens.take('(')) {
    const condition = readCondition(source)
    tokens.expect(')')
    return condition
  }
  const { type, text } = tokens.peek()
  if (type === 'word' && tokens.peek(1).text === '(' && text !== 'size') return readCall(source, text)
  const left = readOperand(source)
  if (tokens.take('BETWEEN')) return readBetween(source, left)
  if (tokens.take('IN')) return readIn(source, left)
  const comparator = tokens.peek().text
  if (!isComparator(comparator)) throw tokens.unexpected()
  tokens.next()
  return checked({ kind: 'compare', comparator, left, right: readOperand(source) }, source.what)
}

function isComparator(text: string): text is Comparator {
  return COMPARATORS.has(text)
}

function readOperand(source: ConditionSource): Operand {
  const { tokens, operand } = source
  const isSize = tokens.peek().text === 'size' && tokens.peek(1).text === '('
  if (!isSize) return operand()
  tokens.next()
  tokens.next()
  const of = operand()
  tokens.expect(')')
  return { kind: 'size', of }
}

function readBetween(source: ConditionSource, operand: Operand): Condition {
  const low = readOperand(source)
  source.tokens.expect('AND')
  return checked({ kind: 'between', operand, low, high: readOperand(source) }, source.what)
}

function readIn(source: ConditionSource, operand: Operand): Condition {
  const { tokens, what } = source
  const close = tokens.take('(') ? ')' : ']'
  if (close === ']') tokens.expect('[')
  const list = [readOperand(source)]
  while (tokens.take(',')) list.push(readOperand(source))
  tokens.expect(close)
  if (list.length > MOST_IN_LIST)
    throw invalid(
      `Invalid ${what}: The IN operator is provided with too many operands; number of operands: ${list.length}`,
    )
  return { kind: 'in', operand, list }
}

function readCall(source: ConditionSource, name: string): Condition {
  const { tokens, what } = source
  if (!isFunction(name)) throw invalid(`Invalid ${what}: Invalid function name; function: ${name}`)
  tokens.next()
  tokens.expect('(')
  const operands = [readOperand(source)]
  while (tokens.take(',')) operands.push(readOperand(source))
  tokens.expect(')')
  if (operands.length !== ARITY[name])
    throw invalid(
      `Invalid ${what}: Incorrect number of operands for operator or function; ` +
        `operator or function: ${name}, number of operands: ${operands.length}`,
    )
  return checked({ kind: 'call', name, operands }, what)
}

function isFunction(name: string): name is ConditionFunction {
  return Object.hasOwn(ARITY, name)
}

const ORDERED: ReadonlySet<string> = new Set(['S', 'N', 'B'])
const ATTRIBUTE_TYPES: ReadonlySet<string> = new Set('S N B BOOL NULL SS NS BS L M'.split(' '))

/** Refuses what could never hold, as DynamoDB does before it looks at an item. */
function checked(condition: Condition, what: string): Condition {
  if (condition.kind === 'between') {
    const [low, high] = [constantOf(condition.low), constantOf(condition.high)]
    for (const bound of [low, high]) if (bound) refuseType('BETWEEN', bound, ORDERED, what)
    if (low && high && (compareValues(low, high) ?? 0) > 0)
      throw invalid(
        `Invalid ${what}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ` +
          `lower bound operand: AttributeValue: ${shown(low)}, upper bound operand: AttributeValue: ${shown(high)}`,
      )
    if (low && high && typeOf(low) !== typeOf(high))
      throw invalid(
        `Invalid ${what}: The BETWEEN operator requires same data type for lower and upper bounds; ` +
          `lower bound operand: AttributeValue: ${shown(low)}, upper bound operand: AttributeValue: ${shown(high)}`,
      )
  }
  if (condition.kind === 'compare') {
    const { comparator, left, right } = condition
    if (left.kind === 'path' && right.kind === 'path' && areSame(left.path, right.path))
      throw invalid(
        `Invalid ${what}: The first operand must be distinct from the remaining operands for this operator or function; operator: ${comparator}`,
      )
    if (comparator !== '=' && comparator !== '<>')
      for (const operand of [left, right]) {
        const value = constantOf(operand)
        if (value) refuseType(comparator, value, ORDERED, what)
      }
  }
  if (condition.kind === 'call') checkCall(condition.name, condition.operands, what)
  return condition
}

function checkCall(name: ConditionFunction, operands: readonly Operand[], what: string): void {
  const [first, second] = operands
  const isAboutPath = name === 'attribute_exists' || name === 'attribute_not_exists'
  if (isAboutPath && first?.kind !== 'path')
    throw invalid(
      `Invalid ${what}: Operator or function requires a document path; operator or function: ${name}`,
    )
  const argument = second && constantOf(second)
  if (argument === undefined) return
  if (name === 'begins_with') refuseType(name, argument, new Set(['S', 'B']), what)
  if (name !== 'attribute_type') return
  refuseType(name, argument, new Set(['S']), what)
  if ('S' in argument && !ATTRIBUTE_TYPES.has(argument.S))
    throw invalid(
      `Invalid ${what}: Invalid attribute type name found; type: ${argument.S}, valid types: {${[...ATTRIBUTE_TYPES].join(',')}}`,
    )
}

function refuseType(
  operator: string,
  value: AttributeValue,
  allowed: ReadonlySet<string>,
  what: string,
): void {
  if (allowed.has(typeOf(value))) return
  throw invalid(
    `Invalid ${what}: Incorrect operand type for operator or function; ` +
      `operator or function: ${operator}, operand type: ${typeOf(value)}`,
  )
}

function constantOf(operand: Operand): AttributeValue | undefined {
  return operand.kind === 'value' ? operand.value : undefined
}

function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((element, index) => element === other[index])
}

function shown(value: AttributeValue): string {
  const [type, content] = Object.entries(value)[0] ?? []
  return `{${type}:${typeof content === 'string' ? content : JSON.stringify(content)}}`
}

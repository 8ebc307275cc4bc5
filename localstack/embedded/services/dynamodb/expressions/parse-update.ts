import { invalid } from '../errors.ts'
import { type AttributeValue, setOf, typeOf } from '../values/attribute-value.ts'
import { named, parsePath, type Path, refuseOverlaps } from './path.ts'
import type { References } from './references.ts'
import { type Tokens, tokenize } from './tokens.ts'
import type { UpdateAction, UpdateOperand } from './update.ts'

/** What a reader of updates takes its operands from: an expression's `:value`, or a statement's `?`. */
export type UpdateSource = {
  readonly tokens: Tokens
  readonly what: string
  readonly path: () => Path
  /** The value that comes next; undefined if something else does. */
  readonly value: () => AttributeValue | undefined
}

/** Reads `SET a = :a, b = b + :b REMOVE c ADD d :d DELETE e :e`. */
export function parseUpdate(text: string, references: References): readonly UpdateAction[] {
  const what = 'UpdateExpression'
  const tokens = tokenize(text, what)
  const source: UpdateSource = {
    tokens,
    what,
    path: () => parsePath(tokens, references, what),
    value: () => {
      const { type, text: reference } = tokens.peek()
      if (type !== 'value') return undefined
      tokens.next()
      return named(() => references.value(reference), what)
    },
  }
  const actions: UpdateAction[] = []
  const seen = new Set<string>()
  while (tokens.peek().type !== 'end') {
    const clause = tokens.peek().text.toUpperCase()
    const read = clauses.get(clause)
    if (read === undefined) throw tokens.unexpected()
    if (seen.has(clause))
      throw invalid(`Invalid ${what}: The "${clause}" section can only be used once in an update expression;`)
    seen.add(clause)
    tokens.next()
    do actions.push(read(source))
    while (tokens.take(','))
  }
  refuseOverlaps(
    actions.map(({ path }) => path),
    what,
  )
  return actions
}

const clauses = new Map<string, (source: UpdateSource) => UpdateAction>([
  ['SET', readSet],
  ['REMOVE', ({ path }) => ({ kind: 'REMOVE', path: path() })],
  ['ADD', readAdd],
  ['DELETE', readDelete],
])

function readAdd(source: UpdateSource): UpdateAction {
  const { path, value } = readPathAndValue(source)
  if (!('N' in value) && setOf(value) === undefined) throw wrongType(source.what, 'ADD', value)
  return { kind: 'ADD', path, value }
}

function readDelete(source: UpdateSource): UpdateAction {
  const { path, value } = readPathAndValue(source)
  if (setOf(value) === undefined) throw wrongType(source.what, 'DELETE', value)
  return { kind: 'DELETE', path, value }
}

function readPathAndValue(source: UpdateSource) {
  const path = source.path()
  const value = source.value()
  if (value === undefined) throw source.tokens.unexpected()
  return { path, value }
}

/** Reads `a = operand`, with `+` or `-` between two operands. */
export function readSet(source: UpdateSource): UpdateAction {
  const path = source.path()
  source.tokens.expect('=')
  return { kind: 'SET', path, to: readSum(source) }
}

function readSum(source: UpdateSource): UpdateOperand {
  const left = readOperand(source)
  const sign = source.tokens.peek().text
  if (sign !== '+' && sign !== '-') return left
  source.tokens.next()
  const right = readOperand(source)
  for (const operand of [left, right])
    if (operand.kind === 'value' && !('N' in operand.value)) throw wrongType(source.what, sign, operand.value)
  return { kind: sign, left, right }
}

function readOperand(source: UpdateSource): UpdateOperand {
  const { tokens, what } = source
  if (tokens.take('(')) {
    const operand = readSum(source)
    tokens.expect(')')
    return operand
  }
  const { type, text } = tokens.peek()
  if (type === 'word' && tokens.peek(1).text === '(') return readCall(source, text, what)
  const value = source.value()
  return value === undefined ? { kind: 'path', path: source.path() } : { kind: 'value', value }
}

function readCall(source: UpdateSource, name: string, what: string): UpdateOperand {
  const { tokens } = source
  if (name !== 'if_not_exists' && name !== 'list_append')
    throw invalid(`Invalid ${what}: Invalid function name; function: ${name}`)
  tokens.next()
  tokens.next()
  const first = readOperand(source)
  tokens.expect(',')
  const second = readOperand(source)
  tokens.expect(')')
  if (name === 'list_append') {
    for (const operand of [first, second])
      if (operand.kind === 'value' && !('L' in operand.value)) throw wrongType(what, name, operand.value)
    return { kind: 'list_append', first, second }
  }
  if (first.kind !== 'path')
    throw invalid(
      `Invalid ${what}: Operator or function requires a document path; operator or function: if_not_exists`,
    )
  return { kind: 'if_not_exists', path: first.path, otherwise: second }
}

function wrongType(what: string, operator: string, value: AttributeValue): Error {
  return invalid(
    `Invalid ${what}: Incorrect operand type for operator or function; ` +
      `operator: ${operator}, operand type: ${typeOf(value)}`,
  )
}

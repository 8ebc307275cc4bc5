import { invalid } from '../errors.ts'
import type { KeySchema } from '../store/table-definition.ts'
import { type AttributeValue, typeOf } from '../values/attribute-value.ts'
import { afterPrefix, sortBytes } from '../values/key-bytes.ts'
import type { Condition, Operand } from './condition.ts'

/** The items that a query asks for: a partition, and a range of its sort keys. */
export type KeyRange = {
  readonly partition: AttributeValue
  /** The first and the bound behind the last sort key, in bytes. */
  readonly from?: Buffer
  readonly before?: Buffer
}

const ZERO = Buffer.of(0)

/** What a `KeyConditionExpression` asks of the keys of a table or of an index. */
export function keyRangeOf(condition: Condition, { partitionKey, sortKey }: KeySchema): KeyRange {
  const parts = conjuncts(condition)
  const partition = parts
    .map((part) => equalityOn(part, partitionKey.name))
    .find((value) => value !== undefined)
  if (partition === undefined)
    throw invalid(`Query condition missed key schema element: ${partitionKey.name}`)
  refuseType(partition, partitionKey)
  const others = parts.filter((part) => equalityOn(part, partitionKey.name) === undefined)
  if (others.length === 0) return { partition }
  const [range] = others
  if (others.length > 1 || range === undefined)
    throw invalid('Invalid KeyConditionExpression: the condition has more than two parts')
  const name = subjectOf(range)
  if (sortKey === undefined || name !== sortKey.name)
    throw invalid(
      sortKey === undefined || name === undefined
        ? 'Query key condition not supported'
        : `Query condition missed key schema element: ${sortKey.name}`,
    )
  return { partition, ...rangeOf(range, sortKey) }
}

function conjuncts(condition: Condition): readonly Condition[] {
  if (condition.kind === 'and') return [...conjuncts(condition.left), ...conjuncts(condition.right)]
  if (condition.kind === 'or' || condition.kind === 'not' || condition.kind === 'in')
    throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.kind.toUpperCase()}`)
  return [condition]
}

function equalityOn(condition: Condition, name: string): AttributeValue | undefined {
  if (condition.kind !== 'compare' || condition.comparator !== '=') return undefined
  const { left, right } = condition
  return isNamed(left, name) && right.kind === 'value' ? right.value : undefined
}

function isNamed(operand: Operand | undefined, name: string): boolean {
  return operand?.kind === 'path' && operand.path.length === 1 && operand.path[0] === name
}

function subjectOf(condition: Condition): string | undefined {
  const operand =
    condition.kind === 'compare'
      ? condition.left
      : condition.kind === 'between'
        ? condition.operand
        : condition.kind === 'call'
          ? condition.operands[0]
          : undefined
  return operand?.kind === 'path' && operand.path.length === 1 ? operand.path[0] : undefined
}

function rangeOf(condition: Condition, key: KeySchema['partitionKey']): Omit<KeyRange, 'partition'> {
  const bytesOf = (operand: Operand | undefined): Buffer => {
    if (operand?.kind !== 'value') throw invalid('Query key condition not supported')
    refuseType(operand.value, key)
    return sortBytes(operand.value)
  }
  if (condition.kind === 'between')
    return { from: bytesOf(condition.low), before: justAfter(bytesOf(condition.high)) }
  if (condition.kind === 'call') {
    if (condition.name !== 'begins_with')
      throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.name}`)
    const prefix = bytesOf(condition.operands[1])
    const before = afterPrefix(prefix)
    return { from: prefix, ...(before && { before }) }
  }
  if (condition.kind !== 'compare' || condition.comparator === '<>')
    throw invalid('Unsupported operator on KeyCondition: operator: NE')
  const bytes = bytesOf(condition.right)
  switch (condition.comparator) {
    case '=':
      return { from: bytes, before: justAfter(bytes) }
    case '<':
      return { before: bytes }
    case '<=':
      return { before: justAfter(bytes) }
    case '>':
      return { from: justAfter(bytes) }
    case '>=':
      break
  }
  return { from: bytes }
}

/** The least bytes above these. */
function justAfter(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, ZERO])
}

function refuseType(value: AttributeValue, key: KeySchema['partitionKey']): void {
  if (typeOf(value) !== key.type)
    throw invalid(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    )
}

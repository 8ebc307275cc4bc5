import { type AttributeValue, areEqual, type Item, setOf, typeOf } from '../values/attribute-value.ts'
import { compareDecimals, parseDecimal } from '../values/decimal.ts'
import { sizeInExpression } from '../values/size.ts'
import type { Comparator, Condition, ConditionFunction, Operand } from './condition.ts'
import { valueAt } from './path.ts'

/** Whether an item meets a condition; one that is not there has no attributes. */
export function meets(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return meets(condition.left, item) && meets(condition.right, item)
    case 'or':
      return meets(condition.left, item) || meets(condition.right, item)
    case 'not':
      return !meets(condition.condition, item)
    case 'compare':
      return compare(condition.comparator, read(condition.left, item), read(condition.right, item))
    case 'between': {
      const value = read(condition.operand, item)
      return (
        compare('>=', value, read(condition.low, item)) && compare('<=', value, read(condition.high, item))
      )
    }
    case 'in': {
      const value = read(condition.operand, item)
      return condition.list.some((each) => compare('=', value, read(each, item)))
    }
    case 'call':
      break
  }
  return call(condition.name, condition.operands, item)
}

function read(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value
  if (operand.kind === 'path') return valueAt(item, operand.path)
  const value = read(operand.of, item)
  const size = value && sizeInExpression(value)
  return size === undefined ? undefined : { N: String(size) }
}

/** What is not there compares as nothing, but differs from everything. */
function compare(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  const isEqual = left !== undefined && right !== undefined && areEqual(left, right)
  if (comparator === '=') return isEqual
  if (comparator === '<>') return !isEqual
  if (left === undefined || right === undefined) return false
  const order = compareValues(left, right)
  if (order === undefined) return false
  if (comparator === '<') return order < 0
  if (comparator === '<=') return order <= 0
  return comparator === '>' ? order > 0 : order >= 0
}

/** Negative, zero or positive; undefined for values of different types, or of types without an order. */
export function compareValues(left: AttributeValue, right: AttributeValue): number | undefined {
  if ('S' in left && 'S' in right) return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S))
  if ('N' in left && 'N' in right) return compareDecimals(parseDecimal(left.N), parseDecimal(right.N))
  if ('B' in left && 'B' in right)
    return Buffer.compare(Buffer.from(left.B, 'base64'), Buffer.from(right.B, 'base64'))
  return undefined
}

function call(name: ConditionFunction, operands: readonly Operand[], item: Item): boolean {
  const [value, argument] = operands.map((operand) => read(operand, item))
  switch (name) {
    case 'attribute_exists':
      return value !== undefined
    case 'attribute_not_exists':
      return value === undefined
    case 'attribute_type':
      return value !== undefined && argument !== undefined && 'S' in argument && typeOf(value) === argument.S
    case 'begins_with':
      return value !== undefined && argument !== undefined && beginsWith(value, argument)
    case 'contains':
      break
  }
  return value !== undefined && argument !== undefined && contains(value, argument)
}

function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S)
  if (!('B' in value && 'B' in prefix)) return false
  const bytes = Buffer.from(prefix.B, 'base64')
  return Buffer.from(value.B, 'base64').subarray(0, bytes.length).equals(bytes)
}

function contains(value: AttributeValue, sought: AttributeValue): boolean {
  if ('S' in value) return 'S' in sought && value.S.includes(sought.S)
  if ('B' in value)
    return 'B' in sought && Buffer.from(value.B, 'base64').includes(Buffer.from(sought.B, 'base64'))
  if ('L' in value) return value.L.some((each) => areEqual(each, sought))
  const set = setOf(value)
  if (set === undefined) return false
  if (set.type === 'S') return 'S' in sought && set.members.includes(sought.S)
  if (set.type === 'N') return 'N' in sought && set.members.includes(sought.N)
  return 'B' in sought && set.members.includes(sought.B)
}

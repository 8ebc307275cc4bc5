import { invalid } from '../errors.ts'
import {
  type AttributeValue,
  attributeOf,
  type Item,
  itemOf,
  setOf,
  toSet,
} from '../values/attribute-value.ts'
import { addDecimals, formatDecimal, negated, parseDecimal } from '../values/decimal.ts'
import { elementAt, type Path, valueAt } from './path.ts'
import type { UpdateAction, UpdateOperand } from './update.ts'

/** The item after all actions; each reads the item as it was before all of them. */
export function applyUpdate(item: Item, actions: readonly UpdateAction[]): Item {
  const changes = actions.map((action) => ({ path: action.path, value: resultOf(action, item) }))
  // Places in lists mean the list as it was: so they are removed from the last one.
  const sets = changes.filter(({ value }) => value !== undefined)
  const removes = changes.filter(({ value }) => value === undefined)
  const byPlace = removes.toSorted(({ path: one }, { path: other }) => lastPlace(other) - lastPlace(one))
  const inserted = sets.toSorted(({ path: one }, { path: other }) => lastPlace(one) - lastPlace(other))
  return [...inserted, ...byPlace].reduce<Item>(
    (changed, { path, value }) => changedAt(changed, path, value),
    item,
  )
}

function lastPlace(path: Path): number {
  const last = path.at(-1)
  return typeof last === 'number' ? last : -1
}

/** What is to lie at the action's path; undefined for nothing. */
function resultOf(action: UpdateAction, item: Item): AttributeValue | undefined {
  switch (action.kind) {
    case 'SET':
      return evaluated(action.to, item)
    case 'REMOVE':
      return undefined
    case 'ADD':
      return added(valueAt(item, action.path), action.value)
    case 'DELETE':
      break
  }
  return without(valueAt(item, action.path), action.value)
}

function evaluated(operand: UpdateOperand, item: Item): AttributeValue {
  switch (operand.kind) {
    case 'value':
      return operand.value
    case 'path': {
      const value = valueAt(item, operand.path)
      if (value !== undefined) return value
      throw invalid('The provided expression refers to an attribute that does not exist in the item')
    }
    case 'if_not_exists':
      return valueAt(item, operand.path) ?? evaluated(operand.otherwise, item)
    case 'list_append': {
      const [first, second] = [evaluated(operand.first, item), evaluated(operand.second, item)]
      if ('L' in first && 'L' in second) return { L: [...first.L, ...second.L] }
      throw mistyped()
    }
    case '+':
    case '-':
      break
  }
  const [left, right] = [evaluated(operand.left, item), evaluated(operand.right, item)]
  if (!('N' in left && 'N' in right)) throw mistyped()
  const [one, other] = [parseDecimal(left.N), parseDecimal(right.N)]
  return { N: formatDecimal(addDecimals(one, operand.kind === '+' ? other : negated(other))) }
}

function added(value: AttributeValue | undefined, more: AttributeValue): AttributeValue {
  if (value === undefined) return more
  if ('N' in value && 'N' in more)
    return { N: formatDecimal(addDecimals(parseDecimal(value.N), parseDecimal(more.N))) }
  const [set, its] = [setOf(value), setOf(more)]
  if (set === undefined || its === undefined || set.type !== its.type) throw mistyped()
  return toSet(set.type, [...new Set([...set.members, ...its.members])])
}

function without(value: AttributeValue | undefined, less: AttributeValue): AttributeValue | undefined {
  if (value === undefined) return undefined
  const [set, its] = [setOf(value), setOf(less)]
  if (set === undefined || its === undefined || set.type !== its.type) throw mistyped()
  const members = set.members.filter((member) => !its.members.includes(member))
  return members.length === 0 ? undefined : toSet(set.type, members)
}

function mistyped(): Error {
  return invalid('An operand in the update expression has an incorrect data type')
}

function changedAt(item: Item, path: Path, value: AttributeValue | undefined): Item {
  const [name, ...rest] = path
  if (rest.length === 0) return withAttribute(item, name, value)
  const container = attributeOf(item, name)
  // As a document path, `a.b` wants an `a`.
  if (container === undefined) throw unreachable()
  return withAttribute(item, name, changedBelow(container, rest, value))
}

function withAttribute(item: Item, name: string, value: AttributeValue | undefined): Item {
  const others = Object.entries(item).filter(([each]) => each !== name)
  return itemOf(value === undefined ? others : [...others, [name, value] as const])
}

function changedBelow(
  container: AttributeValue,
  [element, ...rest]: readonly (string | number)[],
  value: AttributeValue | undefined,
): AttributeValue {
  if (element === undefined) throw unreachable()
  let inner = value
  if (rest.length > 0) {
    const below = elementAt(container, element)
    if (below === undefined) throw unreachable()
    inner = changedBelow(below, rest, value)
  }
  if (typeof element === 'string') {
    if (!('M' in container)) throw unreachable()
    return { M: withAttribute(container.M, element, inner) }
  }
  if (!('L' in container)) throw unreachable()
  if (inner === undefined) return { L: container.L.toSpliced(element, 1) }
  // Behind the end, it comes next.
  return { L: container.L.toSpliced(Math.min(element, container.L.length), 1, inner) }
}

function unreachable(): Error {
  return invalid('The document path provided in the update expression is invalid for update')
}

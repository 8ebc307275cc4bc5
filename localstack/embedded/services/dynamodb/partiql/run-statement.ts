import type { ActionContext } from '../actions/action.ts'
import type { ItemWrite } from '../actions/write-item.ts'
import { DynamodbError, invalid } from '../errors.ts'
import { applyUpdate } from '../expressions/apply-update.ts'
import type { Condition } from '../expressions/condition.ts'
import { meets } from '../expressions/evaluate.ts'
import { project } from '../expressions/projection.ts'
import { keyOf, keyOfItem } from '../store/item-key.ts'
import type { Table } from '../store/table-catalog.ts'
import { type AttributeValue, type Item, itemOf } from '../values/attribute-value.ts'
import type { Statement } from './statement.ts'

/** What a statement that writes does to its item. */
export function writeOfStatement(
  { store }: ActionContext,
  statement: Exclude<Statement, { readonly kind: 'select' }>,
  { showsItem }: { readonly showsItem: boolean },
): ItemWrite {
  const table = store.catalog.tableOf(statement.table)
  if (statement.kind === 'insert')
    return {
      table,
      key: keyOfItem(table, statement.item),
      change: (before) => {
        if (before === undefined) return statement.item
        throw new DynamodbError('DuplicateItemException', 'Duplicate primary key exists in table', {
          ...(showsItem && { Item: before }),
        })
      },
    }
  const { where } = statement
  const key = keyOf(table, keyItemOf(table, where))
  const write = { table, key, showsItem, condition: where }
  if (statement.kind === 'delete') return { ...write, change: () => undefined }
  const { actions } = statement
  for (const { path } of actions)
    if (path[0] === table.keys.partitionKey.name || path[0] === table.keys.sortKey?.name)
      throw invalid(`Cannot update attribute ${path[0]}. This attribute is part of the key`)
  // Unlike an update of the other API it makes no item: the condition on the key fails where there is none.
  return { ...write, change: (before) => before && applyUpdate(before, actions) }
}

/** The item of a statement that names all of its key. */
export function selectItem(
  { store }: ActionContext,
  { table: name, paths, where }: Extract<Statement, { readonly kind: 'select' }>,
): { readonly table: Table; readonly item: Item | undefined; readonly shown: Item | undefined } {
  const table = store.catalog.tableOf(name)
  const found = store.items.get(table, keyOf(table, keyItemOf(table, where)))
  const item = found && meets(where, found) ? found : undefined
  return { table, item, shown: item && paths ? project(item, paths) : item }
}

/** The key that a condition asks for: an equality with each key attribute. */
function keyItemOf({ keys }: Table, where: Condition): Item {
  const equalities = new Map(equalitiesOf(where))
  return itemOf(
    [keys.partitionKey, ...(keys.sortKey ? [keys.sortKey] : [])].map(({ name }) => {
      const value = equalities.get(name)
      if (value === undefined)
        throw invalid(`Where clause does not contain a mandatory equality on all key attributes: ${name}`)
      return [name, value] as const
    }),
  )
}

function equalitiesOf(condition: Condition): readonly (readonly [string, AttributeValue])[] {
  if (condition.kind === 'and') return [...equalitiesOf(condition.left), ...equalitiesOf(condition.right)]
  if (condition.kind !== 'compare' || condition.comparator !== '=') return []
  const { left, right } = condition
  if (left.kind !== 'path' || left.path.length > 1 || right.kind !== 'value') return []
  return [[left.path[0], right.value]]
}

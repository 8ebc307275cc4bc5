import { DynamodbError, invalid } from '../errors.ts'
import type { Condition } from '../expressions/condition.ts'
import { meets } from '../expressions/evaluate.ts'
import { type ItemKey, refuseIndexKeys } from '../store/item-key.ts'
import type { Table } from '../store/table-catalog.ts'
import type { TableStore } from '../store/table-store.ts'
import type { Item } from '../values/attribute-value.ts'
import { LARGEST_ITEM, sizeOfItem } from '../values/size.ts'

/** One write: a condition on the item that is there, and what it becomes. */
export type ItemWrite = {
  readonly table: Table
  readonly key: ItemKey
  readonly condition?: Condition | undefined
  /** The item it is to be, with the same key, given the one that is there; undefined for none. */
  readonly change: (before: Item | undefined) => Item | undefined
  /** Whether the error of a condition that is not met shows the item that is there. */
  readonly showsItem?: boolean
}

export type Written = { readonly before: Item | undefined; readonly after: Item | undefined }

/** Writes one item if its condition is met; throws a ConditionalCheckFailedException if not. */
export function writeItem(store: TableStore, write: ItemWrite): Written {
  const written = planWrite(store, write)
  if (write.table.indexes.length === 0) applyWrite(store, write, written)
  else store.atomically(() => applyWrite(store, write, written))
  return written
}

/** What a write would do; nothing is written yet. */
export function planWrite(
  store: TableStore,
  { table, key, condition, change, showsItem }: ItemWrite,
): Written {
  const before = store.items.get(table, key)
  if (condition && !meets(condition, before ?? {}))
    throw new DynamodbError('ConditionalCheckFailedException', 'The conditional request failed', {
      ...(showsItem && before && { Item: before }),
    })
  const after = change(before)
  if (after !== undefined) {
    refuseIndexKeys(table, after)
    if (sizeOfItem(after) > LARGEST_ITEM)
      throw invalid(
        before
          ? 'Item size to update has exceeded the maximum allowed size'
          : 'Item size has exceeded the maximum allowed size',
      )
  }
  return { before, after }
}

export function applyWrite(store: TableStore, { table, key }: ItemWrite, written: Written): void {
  if (written.before === undefined && written.after === undefined) return
  store.items.write(table, key, written)
}

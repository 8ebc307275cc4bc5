import * as z from 'zod'
import { invalid } from '../errors.ts'
import { applyUpdate } from '../expressions/apply-update.ts'
import type { Condition } from '../expressions/condition.ts'
import { parseCondition } from '../expressions/parse-condition.ts'
import { parseUpdate } from '../expressions/parse-update.ts'
import { type Path, valueAt } from '../expressions/path.ts'
import { parseProjection, project } from '../expressions/projection.ts'
import { type GivenReferences, referencesOf } from '../expressions/references.ts'
import type { UpdateAction } from '../expressions/update.ts'
import { keyOf, keyOfItem } from '../store/item-key.ts'
import type { Table } from '../store/table-catalog.ts'
import type { Item } from '../values/attribute-value.ts'
import { sizeOfItem } from '../values/size.ts'
import { action, type ActionContext } from './action.ts'
import { consumed, type Detail, readUnits, writeUnits } from './capacity.ts'
import { consumedCapacity, item, references, tableName, writeFields } from './fields.ts'
import { type ItemWrite, writeItem } from './write-item.ts'

const oldValues = z.enum(['NONE', 'ALL_OLD']).default('NONE')

type GivenCondition = GivenReferences & {
  readonly ConditionExpression?: string | undefined
  readonly ReturnValuesOnConditionCheckFailure?: 'NONE' | 'ALL_OLD'
}

/** What a request to put, as a whole or in a batch, writes. */
export function putOf(table: Table, request: GivenCondition & { readonly Item: Item }): ItemWrite {
  return {
    table,
    key: keyOfItem(table, request.Item),
    ...conditionOf(request),
    change: () => request.Item,
  }
}

export function deleteOf(table: Table, request: GivenCondition & { readonly Key: Item }): ItemWrite {
  return { table, key: keyOf(table, request.Key), ...conditionOf(request), change: () => undefined }
}

export type GivenUpdate = GivenCondition & {
  readonly Key: Item
  readonly UpdateExpression?: string | undefined
}

/** What a request to update writes, and the paths that it changes. */
export function updateOf(
  table: Table,
  request: GivenUpdate,
): ItemWrite & { readonly paths: readonly Path[] } {
  const { UpdateExpression: update, ConditionExpression: condition, Key: key } = request
  const refer = referencesOf(request, update !== undefined || condition !== undefined)
  const actions = update === undefined ? [] : parseUpdate(update, refer)
  const parsed = condition === undefined ? undefined : parseCondition(condition, refer, 'ConditionExpression')
  refer.refuseUnused()
  refuseKeys(table, actions)
  return {
    table,
    key: keyOf(table, key),
    condition: parsed,
    showsItem: request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    change: (before) => applyUpdate(before ?? key, actions),
    paths: actions.map(({ path }) => path),
  }
}

function refuseKeys({ keys }: Table, actions: readonly UpdateAction[]): void {
  for (const { path } of actions)
    if (path[0] === keys.partitionKey.name || path[0] === keys.sortKey?.name)
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
      )
}

export function conditionOf(request: GivenCondition): {
  readonly condition: Condition | undefined
  readonly showsItem: boolean
} {
  const text = request.ConditionExpression
  const refer = referencesOf(request, text !== undefined)
  const condition = text === undefined ? undefined : parseCondition(text, refer, 'ConditionExpression')
  refer.refuseUnused()
  return { condition, showsItem: request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' }
}

const getItem = action(
  z.strictObject({
    TableName: tableName,
    Key: item,
    ConsistentRead: z.boolean().default(false),
    ProjectionExpression: z.string().optional(),
    ExpressionAttributeNames: references.ExpressionAttributeNames,
    ...consumedCapacity,
  }),
  ({ store }, request) => {
    const table = store.catalog.tableOf(request.TableName)
    const projection = projectionOf(request)
    const found = store.items.get(table, keyOf(table, request.Key))
    return {
      ...(found && { Item: projection(found) }),
      ...consumed(table, request.ReturnConsumedCapacity, () => ({
        table: readUnits(found ? sizeOfItem(found) : 0, request.ConsistentRead),
      })),
    }
  },
)

/** What of an item a request wants to see. */
export function projectionOf(
  request: GivenReferences & { readonly ProjectionExpression?: string | undefined },
): (item: Item) => Item {
  const text = request.ProjectionExpression
  const refer = referencesOf(request, text !== undefined)
  const paths = text === undefined ? undefined : parseProjection(text, refer)
  refer.refuseUnused()
  return (whole) => (paths ? project(whole, paths) : whole)
}

/** Makes the answer to a request that replaces or removes one item. */
function wholeWrite(
  { store }: ActionContext,
  request: WholeWrite,
  writeOf: (table: Table) => ItemWrite,
): object {
  const table = store.catalog.tableOf(request.TableName)
  const written = writeItem(store, writeOf(table))
  return {
    ...(request.ReturnValues === 'ALL_OLD' && written.before && { Attributes: written.before }),
    ...consumed(table, request.ReturnConsumedCapacity, () => writeUnits(table, written)),
  }
}

type WholeWrite = {
  readonly TableName: string
  readonly ReturnValues: z.output<typeof oldValues>
  readonly ReturnConsumedCapacity: Detail
}

const putItem = action(
  z.strictObject({ ...writeFields, Item: item, ReturnValues: oldValues }),
  (context, request) => wholeWrite(context, request, (table) => putOf(table, request)),
)

const deleteItem = action(
  z.strictObject({ ...writeFields, Key: item, ReturnValues: oldValues }),
  (context, request) => wholeWrite(context, request, (table) => deleteOf(table, request)),
)

const updateItem = action(
  z.strictObject({
    ...writeFields,
    Key: item,
    UpdateExpression: z.string().optional(),
    ReturnValues: z.enum(['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']).default('NONE'),
  }),
  ({ store }, request) => {
    const table = store.catalog.tableOf(request.TableName)
    const update = updateOf(table, request)
    const written = writeItem(store, update)
    const { ReturnValues: wanted } = request
    const shown = wanted.endsWith('OLD') ? written.before : written.after
    const attributes = wanted.startsWith('ALL') || shown === undefined ? shown : updated(shown, update.paths)
    return {
      ...(wanted !== 'NONE' &&
        attributes &&
        Object.keys(attributes).length > 0 && { Attributes: attributes }),
      ...consumed(table, request.ReturnConsumedCapacity, () => writeUnits(table, written)),
    }
  },
)

function updated(whole: Item, paths: readonly Path[]): Item {
  const present = paths.filter((path) => valueAt(whole, path) !== undefined)
  return project(whole, present)
}

export const itemActions = {
  GetItem: getItem,
  PutItem: putItem,
  DeleteItem: deleteItem,
  UpdateItem: updateItem,
}

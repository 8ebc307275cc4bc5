import * as z from 'zod'
import { type CancellationReason, DynamodbError, invalid } from '../errors.ts'
import { keyOf } from '../store/item-key.ts'
import type { Table } from '../store/table-catalog.ts'
import type { Item } from '../values/attribute-value.ts'
import { sizeOfItem } from '../values/size.ts'
import { action, type ActionContext } from './action.ts'
import { refuseDoubleWrites } from './batch-actions.ts'
import { addUnits, consumedByTable, readUnits, type Units, writeUnits } from './capacity.ts'
import { consumedCapacity, item, onConditionFailure, references, tableName } from './fields.ts'
import { conditionOf, deleteOf, projectionOf, putOf, updateOf } from './item-actions.ts'
import { applyWrite, type ItemWrite, planWrite, type Written } from './write-item.ts'

const MOST = 100
/** Prepared and committed: each takes the units once. */
const PHASES = 2

const common = { TableName: tableName, ...references, ...onConditionFailure }
const optionalCondition = { ConditionExpression: z.string().optional() }

const transactItem = z.strictObject({
  Put: z.strictObject({ ...common, ...optionalCondition, Item: item }).optional(),
  Delete: z.strictObject({ ...common, ...optionalCondition, Key: item }).optional(),
  Update: z
    .strictObject({ ...common, ...optionalCondition, Key: item, UpdateExpression: z.string() })
    .optional(),
  ConditionCheck: z.strictObject({ ...common, Key: item, ConditionExpression: z.string() }).optional(),
})

const transactWriteItems = action(
  z.strictObject({
    TransactItems: z.array(transactItem).min(1).max(MOST),
    ClientRequestToken: z.string().min(1).max(36).optional(),
    ReturnItemCollectionMetrics: z.literal('NONE').optional(),
    ...consumedCapacity,
  }),
  (context, request) => {
    const { ClientRequestToken: token } = request
    const text = JSON.stringify(request.TransactItems)
    if (token !== undefined && context.tokens.isRepeated(token, text)) return {}
    const writes = request.TransactItems.map((each) => writeOf(context, each))
    refuseDoubleWrites(writes, 'Transaction request cannot include multiple operations on one item')
    const used = new Map<Table, Units>()
    context.store.atomically(() => {
      const planned = planAll(context, writes)
      for (const [index, write] of writes.entries()) {
        const written = planned[index]
        if (written === undefined) continue
        applyWrite(context.store, write, written)
        for (let phase = 0; phase < PHASES; phase++)
          addUnits(used, write.table, writeUnits(write.table, written))
      }
    })
    if (token !== undefined) context.tokens.add(token, text)
    return consumedByTable(request.ReturnConsumedCapacity, used)
  },
)

function writeOf({ store }: ActionContext, each: z.output<typeof transactItem>): ItemWrite {
  const { Put: put, Delete: remove, Update: update, ConditionCheck: check } = each
  const given = [put, remove, update, check].filter((one) => one !== undefined)
  const [first] = given
  if (given.length !== 1 || first === undefined)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete')
  const table = store.catalog.tableOf(first.TableName)
  if (put) return putOf(table, put)
  if (remove) return deleteOf(table, remove)
  if (update) return updateOf(table, update)
  return {
    table,
    key: keyOf(table, check?.Key ?? {}),
    ...conditionOf(check ?? {}),
    change: (before) => before,
  }
}

function planAll({ store }: ActionContext, writes: readonly ItemWrite[]): readonly Written[] {
  const reasons: CancellationReason[] = []
  const planned = writes.flatMap((write) => {
    try {
      const written = planWrite(store, write)
      reasons.push({ Code: 'None' })
      return [written]
    } catch (error) {
      if (!(error instanceof DynamodbError)) throw error
      reasons.push({
        Code: error.type === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError',
        Message: error.message,
        ...(error.details.Item && { Item: error.details.Item }),
      })
      return []
    }
  })
  if (planned.length === writes.length) return planned
  const codes = reasons.map(({ Code }) => Code).join(', ')
  throw new DynamodbError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  )
}

const get = z.strictObject({
  TableName: tableName,
  Key: item,
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: references.ExpressionAttributeNames,
})

const transactGetItems = action(
  z.strictObject({
    TransactItems: z
      .array(z.strictObject({ Get: get }))
      .min(1)
      .max(MOST),
    ...consumedCapacity,
  }),
  ({ store }, request) => {
    const used = new Map<Table, Units>()
    const responses = request.TransactItems.map(({ Get }): { readonly Item?: Item } => {
      const table = store.catalog.tableOf(Get.TableName)
      const found = store.items.get(table, keyOf(table, Get.Key))
      addUnits(used, table, { table: PHASES * readUnits(found ? sizeOfItem(found) : 0, true) })
      return found ? { Item: projectionOf(Get)(found) } : {}
    })
    return { Responses: responses, ...consumedByTable(request.ReturnConsumedCapacity, used) }
  },
)

export const transactionActions = {
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
}

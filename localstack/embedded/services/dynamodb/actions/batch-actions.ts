import * as z from 'zod'
import { invalid } from '../errors.ts'
import { keyOf } from '../store/item-key.ts'
import type { ItemKey } from '../store/item-key.ts'
import type { Table } from '../store/table-catalog.ts'
import type { Item } from '../values/attribute-value.ts'
import { sizeOfItem } from '../values/size.ts'
import { action } from './action.ts'
import { addUnits, consumedByTable, readUnits, type Units, writeUnits } from './capacity.ts'
import { consumedCapacity, item, references, tableName } from './fields.ts'
import { deleteOf, projectionOf, putOf } from './item-actions.ts'
import { applyWrite, type ItemWrite, planWrite } from './write-item.ts'

const MOST_READS = 100
const MOST_WRITES = 25
/** What one answer of BatchGetItem holds; the keys of the others come back. */
const ANSWER_BYTES = 16 * 1024 * 1024

const keysAndAttributes = z.strictObject({
  Keys: z.array(item).min(1).max(MOST_READS),
  ConsistentRead: z.boolean().default(false),
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: references.ExpressionAttributeNames,
})

const batchGetItem = action(
  z.strictObject({ RequestItems: z.record(z.string(), keysAndAttributes), ...consumedCapacity }),
  ({ store, throttles }, request) => {
    const wanted = Object.entries(request.RequestItems)
    const count = wanted.reduce((sum, [, { Keys }]) => sum + Keys.length, 0)
    if (count === 0) throw invalid('The requestItems parameter is required for BatchGetItem')
    if (count > MOST_READS) throw invalid('Too many items requested for the BatchGetItem call')
    const used = new Map<Table, Units>()
    const [responses, unprocessed] = [new Map<string, Item[]>(), new Map<string, object>()]
    let bytes = 0
    for (const [name, { Keys: keys, ...options }] of wanted) {
      const table = store.catalog.tableOf(tableName.parse(name))
      const projection = projectionOf(options)
      const places = keys.map((key) => keyOf(table, key))
      refuseDoubles(table, places)
      const items: Item[] = []
      const left: Item[] = []
      for (const [index, place] of places.entries()) {
        if (bytes > ANSWER_BYTES || throttles()) {
          left.push(keys[index] ?? {})
          continue
        }
        const found = store.items.get(table, place)
        const size = found ? sizeOfItem(found) : 0
        bytes += size
        addUnits(used, table, { table: readUnits(size, options.ConsistentRead) })
        if (found) items.push(projection(found))
      }
      responses.set(name, items)
      if (left.length > 0) unprocessed.set(name, { ...options, Keys: left })
    }
    return {
      Responses: Object.fromEntries(responses),
      UnprocessedKeys: Object.fromEntries(unprocessed),
      ...consumedByTable(request.ReturnConsumedCapacity, used),
    }
  },
)

const writeRequest = z.strictObject({
  PutRequest: z.strictObject({ Item: item }).optional(),
  DeleteRequest: z.strictObject({ Key: item }).optional(),
})

const batchWriteItem = action(
  z.strictObject({
    RequestItems: z.record(z.string(), z.array(writeRequest).min(1)),
    ReturnItemCollectionMetrics: z.literal('NONE').optional(),
    ...consumedCapacity,
  }),
  ({ store }, request) => {
    const writes = Object.entries(request.RequestItems).flatMap(([name, requests]) => {
      const table = store.catalog.tableOf(tableName.parse(name))
      const ofTable = requests.map(({ PutRequest: put, DeleteRequest: remove }) => {
        if ((put === undefined) === (remove === undefined))
          throw invalid('Supplied AttributeValue has neither or both of PutRequest and DeleteRequest')
        return put ? putOf(table, put) : deleteOf(table, { Key: remove?.Key ?? {} })
      })
      refuseDoubles(
        table,
        ofTable.map(({ key }) => key),
      )
      return ofTable
    })
    if (writes.length === 0) throw invalid('The batch write request list for a table cannot be null or empty')
    if (writes.length > MOST_WRITES) throw invalid('Too many items requested for the BatchWriteItem call')
    const used = new Map<Table, Units>()
    store.atomically(() => {
      for (const write of writes) {
        const planned = planWrite(store, write)
        applyWrite(store, write, planned)
        addUnits(used, write.table, writeUnits(write.table, planned))
      }
    })
    return { UnprocessedItems: {}, ...consumedByTable(request.ReturnConsumedCapacity, used) }
  },
)

function refuseDoubles(table: Table, places: readonly ItemKey[]): void {
  const seen = new Set(places.map(placeText))
  if (seen.size < places.length)
    throw invalid(`Provided list of item keys contains duplicates, in the table ${table.name}`)
}

function placeText({ partition, sort }: ItemKey): string {
  return `${partition.toString('latin1')}/${sort.toString('latin1')}`
}

/** Throws unless each write is of another item. */
export function refuseDoubleWrites(writes: readonly ItemWrite[], message: string): void {
  const seen = new Set(writes.map(({ table, key }) => `${table.id}/${placeText(key)}`))
  if (seen.size < writes.length) throw invalid(message)
}

export const batchActions = { BatchGetItem: batchGetItem, BatchWriteItem: batchWriteItem }

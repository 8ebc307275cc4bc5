import * as z from 'zod'
import { invalid } from '../errors.ts'
import type { Condition } from '../expressions/condition.ts'
import { meets } from '../expressions/evaluate.ts'
import { parseCondition } from '../expressions/parse-condition.ts'
import { parseProjection, project } from '../expressions/projection.ts'
import type { References } from '../expressions/references.ts'
import { keyAttributes, keyInIndex, keyOf } from '../store/item-key.ts'
import type { Place } from '../store/ranges.ts'
import { indexOf, type Table } from '../store/table-catalog.ts'
import type { TableIndex } from '../store/table-definition.ts'
import { type Item, itemOf } from '../values/attribute-value.ts'
import { sizeOfItem } from '../values/size.ts'
import { consumed, readUnits } from './capacity.ts'
import { consumedCapacity, item, references, tableName } from './fields.ts'

/** What a page of a query or a scan may hold before it is filtered. */
const PAGE_BYTES = 1024 * 1024

/** Members that queries and scans share. */
export const pageFields = {
  TableName: tableName,
  IndexName: z.string().optional(),
  ConsistentRead: z.boolean().default(false),
  ExclusiveStartKey: item.optional(),
  FilterExpression: z.string().optional(),
  Limit: z.int().min(1).optional(),
  ProjectionExpression: z.string().optional(),
  Select: z.enum(['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'COUNT', 'SPECIFIC_ATTRIBUTES']).optional(),
  ...references,
  ...consumedCapacity,
}

export type PageRequest = z.output<z.ZodObject<typeof pageFields>>

/** Where a query or a scan reads, and how it shows what it finds. */
export type Reading = {
  readonly table: Table
  readonly index: TableIndex | undefined
  readonly indexNumber: number | undefined
  readonly after: Place | undefined
  readonly filter: Condition | undefined
  readonly show: (item: Item) => Item
}

export function readingOf(table: Table, request: PageRequest, refer: References): Reading {
  const {
    IndexName: name,
    FilterExpression: filter,
    ProjectionExpression: projection,
    Select: select,
  } = request
  const found = name === undefined ? undefined : indexOf(table, name)
  const index = found?.index
  if (index?.isGlobal && request.ConsistentRead)
    throw invalid('Consistent reads are not supported on global secondary indexes')
  if (projection !== undefined && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES')
    throw invalid(
      `Cannot specify the ProjectionExpression when choosing to get ${select === 'COUNT' ? 'only the Count' : select}`,
    )
  if (select === 'SPECIFIC_ATTRIBUTES' && projection === undefined)
    throw invalid(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    )
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && index === undefined)
    throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName')
  const paths = projection === undefined ? undefined : parseProjection(projection, refer)
  const ofIndex = projectedBy(table, index)
  const isWhole = select === 'ALL_ATTRIBUTES' && index !== undefined && !index.isGlobal
  if (select === 'ALL_ATTRIBUTES' && index?.isGlobal && index.projection.ProjectionType !== 'ALL')
    throw invalid(
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary ' +
        `index ${index.name} because its projection type is not ALL`,
    )
  return {
    table,
    index,
    indexNumber: found?.number,
    after: placeOf(table, index, request.ExclusiveStartKey),
    filter: filter === undefined ? undefined : parseCondition(filter, refer, 'FilterExpression'),
    show: (whole) => {
      const shown = isWhole ? whole : ofIndex(whole)
      return paths ? project(shown, paths) : shown
    },
  }
}

/** What an index holds of an item. */
function projectedBy(table: Table, index: TableIndex | undefined): (item: Item) => Item {
  if (index === undefined || index.projection.ProjectionType === 'ALL') return (whole) => whole
  const { NonKeyAttributes: more = [] } = index.projection
  return (whole) => {
    const keys = keyAttributes(whole, table.keys, index)
    const others = Object.entries(whole).filter(([name]) => more.includes(name))
    return itemOf([...Object.entries(keys), ...others])
  }
}

function placeOf(table: Table, index: TableIndex | undefined, start: Item | undefined): Place | undefined {
  if (start === undefined) return undefined
  const ofItem = keyAttributes(start, table.keys)
  const ofIndex = index && keyInIndex(index, start)
  const expected = Object.keys(keyAttributes(start, table.keys, ...(index ? [index] : []))).length
  if (expected !== Object.keys(start).length || (index && ofIndex === undefined))
    throw invalid('The provided starting key is invalid')
  const key = keyOf(table, ofItem)
  return ofIndex ? { ...ofIndex, item: key } : key
}

/** Reads items until the page is full, and gives the answer. */
export function pageOf(items: IterableIterator<Item>, reading: Reading, request: PageRequest): object {
  const { table, index, filter, show } = reading
  const shown: Item[] = []
  let [scanned, bytes] = [0, 0]
  let last: Item | undefined
  for (const found of items) {
    scanned++
    bytes += sizeOfItem(found)
    if (filter === undefined || meets(filter, found)) shown.push(found)
    // That a page ends with the last item is found out by the next one, as on AWS.
    if (scanned === request.Limit || bytes >= PAGE_BYTES) {
      last = found
      break
    }
  }
  return {
    ...(request.Select !== 'COUNT' && { Items: shown.map(show) }),
    Count: shown.length,
    ScannedCount: scanned,
    ...(last && { LastEvaluatedKey: keyAttributes(last, table.keys, ...(index ? [index] : [])) }),
    ...consumed(table, request.ReturnConsumedCapacity, () => {
      const units = readUnits(bytes, request.ConsistentRead)
      return index ? { table: 0, indexes: { [index.name]: units } } : { table: units }
    }),
  }
}

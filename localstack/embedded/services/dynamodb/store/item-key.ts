import { invalid } from '../errors.ts'
import { type AttributeValue, attributeOf, type Item, itemOf, typeOf } from '../values/attribute-value.ts'
import { partitionBytes, sortBytes } from '../values/key-bytes.ts'
import type { Table } from './table-catalog.ts'
import type { KeyAttribute, KeySchema, TableIndex } from './table-definition.ts'

/** Where an item lies in its table, in bytes that sort as its keys do. */
export type ItemKey = { readonly partition: Buffer; readonly sort: Buffer }

const MOST_BYTES = { partition: 2_048, sort: 1_024 }
const NOTHING = Buffer.alloc(0)

/** The key of a whole item; throws a ValidationException if it has none. */
export function keyOfItem(table: Table, item: Item): ItemKey {
  const read = (attribute: KeyAttribute, place: keyof typeof MOST_BYTES): Buffer => {
    const value = attributeOf(item, attribute.name)
    if (value === undefined)
      throw invalid(
        `One or more parameter values were invalid: Missing the key ${attribute.name} in the item`,
      )
    if (typeOf(value) !== attribute.type)
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for key ${attribute.name} ` +
          `expected: ${attribute.type} actual: ${typeOf(value)}`,
      )
    return bytesOf(value, attribute, place)
  }
  return readKey(table.keys, read)
}

/** The key that a request gives by itself; throws a ValidationException if it is another than the table's. */
export function keyOf(table: Table, key: Item): ItemKey {
  const { partitionKey, sortKey } = table.keys
  if (Object.keys(key).length !== (sortKey ? 2 : 1))
    throw invalid('The provided key element does not match the schema')
  const read = (attribute: KeyAttribute, place: keyof typeof MOST_BYTES): Buffer => {
    const value = attributeOf(key, attribute.name)
    if (value === undefined || typeOf(value) !== attribute.type)
      throw invalid('The provided key element does not match the schema')
    return bytesOf(value, attribute, place)
  }
  return readKey({ partitionKey, sortKey }, read)
}

function readKey(
  { partitionKey, sortKey }: KeySchema,
  read: (attribute: KeyAttribute, place: keyof typeof MOST_BYTES) => Buffer,
): ItemKey {
  return { partition: read(partitionKey, 'partition'), sort: sortKey ? read(sortKey, 'sort') : NOTHING }
}

function bytesOf(value: AttributeValue, { name }: KeyAttribute, place: keyof typeof MOST_BYTES): Buffer {
  const written = sortBytes(value)
  if (written.length === 0)
    throw invalid(
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
        `${'S' in value ? 'string' : 'binary'} value. Key: ${name}`,
    )
  if (!('N' in value) && written.length > MOST_BYTES[place])
    throw invalid(
      place === 'partition'
        ? 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes'
        : 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
    )
  return place === 'partition' ? partitionBytes(value) : written
}

/** An item may lack the key of an index, but not have one of another type. */
export function refuseIndexKeys(table: Table, item: Item): void {
  for (const index of table.indexes) refuseIndexKey(index, item)
}

function refuseIndexKey(index: TableIndex, item: Item): void {
  for (const attribute of [index.partitionKey, index.sortKey]) {
    const value = attribute && attributeOf(item, attribute.name)
    if (attribute === undefined || value === undefined) continue
    if (typeOf(value) !== attribute.type)
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for Index Key ${attribute.name} ` +
          `Expected: ${attribute.type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
      )
    if (sortBytes(value).length === 0)
      throw invalid(
        'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
          `The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, ` +
          `IndexKey: ${attribute.name}`,
      )
  }
}

/** Where an item lies in an index; undefined for one without its keys. */
export function keyInIndex({ partitionKey, sortKey }: KeySchema, item: Item): ItemKey | undefined {
  const partition = attributeOf(item, partitionKey.name)
  const sort = sortKey && attributeOf(item, sortKey.name)
  if (partition === undefined || (sortKey && sort === undefined)) return undefined
  return { partition: partitionBytes(partition), sort: sort ? sortBytes(sort) : NOTHING }
}

/** The attributes of an item that are keys, of its table and of an index. */
export function keyAttributes(item: Item, ...schemas: readonly KeySchema[]): Item {
  const names = schemas.flatMap(({ partitionKey, sortKey }) => [
    partitionKey.name,
    ...(sortKey ? [sortKey.name] : []),
  ])
  return itemOf(
    [...new Set(names)].flatMap((name) => {
      const value = attributeOf(item, name)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

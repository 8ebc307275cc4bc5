import { keyInIndex } from '../store/item-key.ts'
import type { Table } from '../store/table-catalog.ts'
import type { Item } from '../values/attribute-value.ts'
import { sizeOfItem } from '../values/size.ts'
import type { Written } from './write-item.ts'

export type Detail = 'NONE' | 'TOTAL' | 'INDEXES'

const WRITE_UNIT = 1_024
const READ_UNIT = 4_096

/** Units of the table, and of each of its indexes that a request touched. */
export type Units = { readonly table: number; readonly indexes?: Readonly<Record<string, number>> }

/** Write units of one write: by the larger of both items, and again in each index that holds one of them. */
export function writeUnits(table: Table, { before, after }: Written): Units {
  const bytes = Math.max(...[before, after].map((item) => (item ? sizeOfItem(item) : 0)))
  const units = Math.max(1, Math.ceil(bytes / WRITE_UNIT))
  const isIn = (index: Table['indexes'][number], item: Item | undefined): boolean =>
    item !== undefined && keyInIndex(index, item) !== undefined
  const touched = table.indexes.filter((index) => isIn(index, before) || isIn(index, after))
  return { table: units, indexes: Object.fromEntries(touched.map(({ name }) => [name, units])) }
}

/** Read units for so many bytes. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT)) * (isConsistent ? 1 : 0.5)
}

/** The member `ConsumedCapacity` of an answer, as far as the request asked for it; sizes are not counted for nothing. */
export function consumed(table: Table, detail: Detail, unitsOf: () => Units): object {
  return detail === 'NONE' ? {} : { ConsumedCapacity: capacityOf(table, detail, unitsOf()) }
}

function capacityOf(table: Table, detail: Detail, { table: units, indexes = {} }: Units): object {
  const total = Object.values(indexes).reduce((sum, each) => sum + each, units)
  const of = (isGlobal: boolean) => {
    const entries = table.indexes.filter((index) => index.isGlobal === isGlobal && indexes[index.name])
    return Object.fromEntries(entries.map(({ name }) => [name, { CapacityUnits: indexes[name] }]))
  }
  const [global, local] = [of(true), of(false)]
  return {
    TableName: table.name,
    CapacityUnits: total,
    ...(detail === 'INDEXES' && {
      Table: { CapacityUnits: units },
      ...(Object.keys(global).length > 0 && { GlobalSecondaryIndexes: global }),
      ...(Object.keys(local).length > 0 && { LocalSecondaryIndexes: local }),
    }),
  }
}

/** The member `ConsumedCapacity` of an answer about several tables. */
export function consumedByTable(
  detail: Detail,
  used: ReadonlyMap<Table, Units>,
): { readonly ConsumedCapacity?: readonly object[] } {
  if (detail === 'NONE') return {}
  return { ConsumedCapacity: [...used].map(([table, units]) => capacityOf(table, detail, units)) }
}

export function addUnits(sum: Map<Table, Units>, table: Table, { table: units, indexes = {} }: Units): void {
  const before = sum.get(table) ?? { table: 0 }
  const all = { ...before.indexes }
  for (const [name, each] of Object.entries(indexes)) all[name] = (all[name] ?? 0) + each
  sum.set(table, { table: before.table + units, indexes: all })
}

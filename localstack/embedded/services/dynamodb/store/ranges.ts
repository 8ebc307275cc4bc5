import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { ItemKey } from './item-key.ts'
import type { Table } from './table-catalog.ts'

/** A place in the order of a table or an index, which orders items with the same keys by those of the table. */
export type Place = ItemKey & { readonly item?: ItemKey }

/** Sort keys of one partition. */
export type PartitionRange = {
  readonly partition: Buffer
  readonly from?: Buffer
  readonly before?: Buffer
  /** The place behind which to go on. */
  readonly after?: Place | undefined
  readonly isBackward: boolean
}

/** All partitions, or those of one part of a parallel scan. */
export type ScanRange = {
  readonly from: Buffer
  readonly before: Buffer | undefined
  readonly after?: Place | undefined
}

type Rows = IterableIterator<Record<string, SQLOutputValue>>

/** Above every key: the longest are of 2,048 bytes behind 8 of a hash. */
const ABOVE = Buffer.alloc(2_060, 0xff)
const BELOW = Buffer.alloc(0)

const FROM_TABLE = 'select item, checksum from items where table_id = ?'
const FROM_INDEX = `
  select items.item, items.checksum from entries
  join items on items.table_id = entries.table_id and items.partition = item_partition and items.sort = item_sort
  where entries.table_id = ? and index_number = ?`

/** Reads ranges of tables and of indexes. */
export function prepareRanges(database: DatabaseSync): {
  readonly query: (table: Table, index: number | undefined, range: PartitionRange) => Rows
  readonly scan: (table: Table, index: number | undefined, range: ScanRange) => Rows
} {
  const query = (order: 'asc' | 'desc') => {
    const beyond = order === 'asc' ? '>' : '<'
    return {
      table: database.prepare(
        `${FROM_TABLE} and partition = ? and sort >= ? and sort < ? and sort ${beyond} ? order by sort ${order}`,
      ),
      tableFromStart: database.prepare(
        `${FROM_TABLE} and partition = ? and sort >= ? and sort < ? order by sort ${order}`,
      ),
      index: database.prepare(
        `${FROM_INDEX} and entries.partition = ? and entries.sort >= ? and entries.sort < ?
           and (entries.sort, item_partition, item_sort) ${beyond} (?, ?, ?)
         order by entries.sort ${order}, item_partition ${order}, item_sort ${order}`,
      ),
    }
  }
  const queries = { forward: query('asc'), backward: query('desc') }
  const scans = {
    table: database.prepare(
      `${FROM_TABLE} and (partition, sort) > (?, ?) and partition < ? order by partition, sort`,
    ),
    index: database.prepare(
      `${FROM_INDEX} and (entries.partition, entries.sort, item_partition, item_sort) > (?, ?, ?, ?)
         and entries.partition < ?
       order by entries.partition, entries.sort, item_partition, item_sort`,
    ),
  }
  return {
    query: (table, index, { partition, from = BELOW, before = ABOVE, after, isBackward }) => {
      const statements = isBackward ? queries.backward : queries.forward
      const edge = isBackward ? ABOVE : BELOW
      const bounds = [partition, from, before]
      if (index !== undefined) {
        const { partition: item = edge, sort: itemSort = edge } = after?.item ?? {}
        return statements.index.iterate(table.id, index, ...bounds, after?.sort ?? edge, item, itemSort)
      }
      if (after === undefined) return statements.tableFromStart.iterate(table.id, ...bounds)
      return statements.table.iterate(table.id, ...bounds, after.sort)
    },
    scan: (table, index, { from, before = ABOVE, after }) => {
      const [start, sort] = after ? [after.partition, after.sort] : [from, BELOW]
      if (index === undefined) return scans.table.iterate(table.id, start, sort, before)
      const { partition: item = BELOW, sort: itemSort = BELOW } = after?.item ?? {}
      return scans.index.iterate(table.id, index, start, sort, item, itemSort, before)
    },
  }
}

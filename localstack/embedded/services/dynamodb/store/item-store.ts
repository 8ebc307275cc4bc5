import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { DynamodbError } from '../errors.ts'
import type { Item } from '../values/attribute-value.ts'
import { type ItemKey, keyInIndex } from './item-key.ts'
import { type PartitionRange, prepareRanges, type ScanRange } from './ranges.ts'
import type { Table } from './table-catalog.ts'

export const itemSchema = `
  create table items (
    table_id integer not null,
    partition blob not null,
    sort blob not null,
    item text not null,
    checksum integer not null,
    primary key (table_id, partition, sort)
  ) strict, without rowid;
  create table entries (
    table_id integer not null,
    index_number integer not null,
    partition blob not null,
    sort blob not null,
    item_partition blob not null,
    item_sort blob not null,
    primary key (table_id, index_number, partition, sort, item_partition, item_sort)
  ) strict, without rowid;
`

/** The items of all tables. */
export type ItemStore = {
  readonly get: (table: Table, key: ItemKey) => Item | undefined
  /** Replaces an item, or removes it where there is no `after`; in the caller's transaction if there are indexes. */
  readonly write: (
    table: Table,
    key: ItemKey,
    change: { readonly before: Item | undefined; readonly after: Item | undefined },
  ) => void
  /** Items in order, read one by one; of a table, or of one of its indexes. */
  readonly query: (table: Table, index: number | undefined, range: PartitionRange) => IterableIterator<Item>
  readonly scan: (table: Table, index: number | undefined, range: ScanRange) => IterableIterator<Item>
  readonly count: (table: Table) => { readonly items: number; readonly bytes: number }
  readonly clear: (table: Table) => void
}

export function openItemStore(database: DatabaseSync): ItemStore {
  const selected = database.prepare(
    'select item, checksum from items where table_id = ? and partition = ? and sort = ?',
  )
  const replace = database.prepare(
    `insert into items (table_id, partition, sort, item, checksum) values (?, ?, ?, ?, ?)
     on conflict do update set item = excluded.item, checksum = excluded.checksum`,
  )
  const remove = database.prepare('delete from items where table_id = ? and partition = ? and sort = ?')
  const enter = database.prepare('insert into entries values (?, ?, ?, ?, ?, ?)')
  const leave = database.prepare(
    `delete from entries where table_id = ? and index_number = ? and partition = ? and sort = ?
     and item_partition = ? and item_sort = ?`,
  )
  const counted = database.prepare(
    'select count(*) as items, coalesce(sum(length(item)), 0) as bytes from items where table_id = ?',
  )
  const emptied = ['items', 'entries'].map((each) =>
    database.prepare(`delete from ${each} where table_id = ?`),
  )
  const ranges = prepareRanges(database)

  return {
    get: (table, { partition, sort }) => {
      const row = selected.get(table.id, partition, sort)
      return row && parsed(row, table)
    },
    write: (table, key, { before, after }) => {
      if (after === undefined) remove.run(table.id, key.partition, key.sort)
      else {
        const text = JSON.stringify(after)
        replace.run(table.id, key.partition, key.sort, text, crc32(text))
      }
      for (const [number, index] of table.indexes.entries()) {
        const [old, next] = [before && keyInIndex(index, before), after && keyInIndex(index, after)]
        if (old) leave.run(table.id, number, old.partition, old.sort, key.partition, key.sort)
        if (next) enter.run(table.id, number, next.partition, next.sort, key.partition, key.sort)
      }
    },
    *query(table, index, range) {
      for (const row of ranges.query(table, index, range)) yield parsed(row, table)
    },
    *scan(table, index, range) {
      for (const row of ranges.scan(table, index, range)) yield parsed(row, table)
    },
    count: (table) => {
      const row = counted.get(table.id)
      return { items: Number(row?.['items']), bytes: Number(row?.['bytes']) }
    },
    clear: (table) => {
      for (const statement of emptied) statement.run(table.id)
    },
  }
}

function parsed({ item, checksum }: Record<string, SQLOutputValue>, { name }: Table): Item {
  const text = String(item)
  if (crc32(text) !== checksum)
    throw new DynamodbError('InternalServerError', `An item of the table ${name} is damaged on disk`)
  return JSON.parse(text)
}

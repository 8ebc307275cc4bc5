import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { DamagedError } from '../../../errors.ts'
import { firstRead, openDatabase, transaction } from '../../../storage/database.ts'
import { type ItemStore, itemSchema, openItemStore } from './item-store.ts'
import { catalogSchema, openTableCatalog, type TableCatalog } from './table-catalog.ts'

const FILE = 'tables.sqlite'

/** Tables and their items in a folder. */
export type TableStore = {
  readonly catalog: TableCatalog
  readonly items: ItemStore
  /** All that `work` writes, or, when it throws, nothing. */
  readonly atomically: <Result>(work: () => Result) => Result
  readonly close: () => void
}

/**
 * Opens the tables of a folder, and makes them when missing.
 * @throws StartError when another process uses the folder.
 * @throws DamagedError when the file is damaged.
 */
export function openTableStore(folder: string): TableStore {
  const database = openDatabase(folder, FILE, catalogSchema + itemSchema, { pages: 'small' })
  const opened = firstRead(database, () => {
    refuseDamaged(database, join(folder, FILE))
    return { catalog: openTableCatalog(database), items: openItemStore(database) }
  })
  return {
    ...opened,
    atomically: (work) => transaction(database, work),
    close: () => database.close(),
  }
}

/** SQLite says nothing of a damaged page before it reads it. */
function refuseDamaged(database: DatabaseSync, path: string): void {
  const found = database.prepare('pragma quick_check(1)').get()?.['quick_check']
  if (found !== 'ok') throw new DamagedError(path, `is damaged (${String(found)})`)
}

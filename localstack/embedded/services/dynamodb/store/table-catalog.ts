import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { DynamodbError, invalid } from '../errors.ts'
import {
  type KeySchema,
  keysOf,
  type TableDefinition,
  type TableIndex,
  tableSchema,
} from './table-definition.ts'

export const catalogSchema = `
  create table tables (
    id integer primary key,
    name text not null unique,
    uuid text not null,
    created_at integer not null,
    definition text not null
  ) strict;
`

export type Table = {
  readonly id: number
  readonly name: string
  readonly uuid: string
  /** Unix milliseconds. */
  readonly createdAt: number
  readonly definition: TableDefinition
  readonly keys: KeySchema
  readonly indexes: readonly TableIndex[]
}

export type TableCatalog = {
  /** @throws DynamodbError when there is none of this name */
  readonly tableOf: (name: string) => Table
  readonly find: (name: string) => Table | undefined
  readonly names: () => readonly string[]
  readonly create: (definition: TableDefinition) => Table
  readonly remove: (table: Table) => void
}

/** The declared tables of a database. */
export function openTableCatalog(database: DatabaseSync): TableCatalog {
  const insert = database.prepare(
    'insert into tables (name, uuid, created_at, definition) values (?, ?, ?, ?) returning id',
  )
  const remove = database.prepare('delete from tables where id = ?')
  const rows = database.prepare('select id, name, uuid, created_at, definition from tables').all()
  const tables = new Map<string, Table>()
  for (const { id, name, uuid, created_at: createdAt, definition } of rows) {
    const declared = tableSchema.parse(JSON.parse(String(definition)))
    tables.set(String(name), {
      id: Number(id),
      name: String(name),
      uuid: String(uuid),
      createdAt: Number(createdAt),
      definition: declared,
      ...keysOf(declared),
    })
  }
  return {
    tableOf: (name) => {
      const found = tables.get(name)
      if (found) return found
      throw new DynamodbError(
        'ResourceNotFoundException',
        `Requested resource not found: Table: ${name} not found`,
      )
    },
    find: (name) => tables.get(name),
    names: () => [...tables.keys()].toSorted(),
    create: (definition) => {
      const { TableName: name } = definition
      if (tables.has(name)) throw new DynamodbError('ResourceInUseException', `Table already exists: ${name}`)
      const keys = keysOf(definition)
      const [uuid, createdAt] = [randomUUID(), Date.now()]
      const row = insert.get(name, uuid, createdAt, JSON.stringify(definition))
      const table = { id: Number(row?.['id']), name, uuid, createdAt, definition, ...keys }
      tables.set(name, table)
      return table
    },
    remove: (table) => {
      remove.run(table.id)
      tables.delete(table.name)
    },
  }
}

/** The index of a table by its name. */
export function indexOf(table: Table, name: string): { readonly index: TableIndex; readonly number: number } {
  const number = table.indexes.findIndex((each) => each.name === name)
  const index = table.indexes[number]
  if (index) return { index, number }
  throw invalid(`The table does not have the specified index: ${name}`)
}

import * as z from 'zod'
import type { Table } from '../store/table-catalog.ts'
import { type TableDefinition, tableSchema } from '../store/table-definition.ts'
import { action, type ActionContext } from './action.ts'
import { tableName } from './fields.ts'

const MOST_NAMES = 100

const createTable = action(tableSchema, (context, definition) => ({
  TableDescription: descriptionOf(context, context.store.catalog.create(definition)),
}))

const describeTable = action(z.strictObject({ TableName: tableName }), (context, { TableName: name }) => ({
  Table: descriptionOf(context, context.store.catalog.tableOf(name)),
}))

const deleteTable = action(z.strictObject({ TableName: tableName }), (context, { TableName: name }) => {
  const { store } = context
  const table = store.catalog.tableOf(name)
  const description = descriptionOf(context, table)
  store.atomically(() => {
    store.items.clear(table)
    store.catalog.remove(table)
  })
  return { TableDescription: { ...description, TableStatus: 'DELETING' } }
})

const listTables = action(
  z.strictObject({
    ExclusiveStartTableName: z.string().optional(),
    Limit: z.int().min(1).max(MOST_NAMES).default(MOST_NAMES),
  }),
  ({ store }, { ExclusiveStartTableName: start = '', Limit: limit }) => {
    const names = store.catalog.names().filter((name) => name > start)
    const page = names.slice(0, limit)
    return {
      TableNames: page,
      ...(names.length > page.length && { LastEvaluatedTableName: page.at(-1) }),
    }
  },
)

/** Of a table as soon as it is created: it is ACTIVE at once. */
function descriptionOf({ store, arnOf }: ActionContext, table: Table) {
  const { definition, name } = table
  const { items, bytes } = store.items.count(table)
  const arn = arnOf(name)
  const indexes = (given: TableDefinition['GlobalSecondaryIndexes'], more: object) =>
    given?.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
      ...more,
      IndexArn: `${arn}/index/${IndexName}`,
    }))
  const global = indexes(definition.GlobalSecondaryIndexes, { IndexStatus: 'ACTIVE' })
  const local = indexes(definition.LocalSecondaryIndexes, {})
  const mode = definition.BillingMode ?? 'PROVISIONED'
  return {
    TableName: name,
    TableStatus: 'ACTIVE',
    TableArn: arn,
    TableId: table.uuid,
    CreationDateTime: table.createdAt / 1_000,
    AttributeDefinitions: definition.AttributeDefinitions,
    KeySchema: definition.KeySchema,
    ...(global && { GlobalSecondaryIndexes: global }),
    ...(local && { LocalSecondaryIndexes: local }),
    ...(mode === 'PAY_PER_REQUEST' && { BillingModeSummary: { BillingMode: mode } }),
    ProvisionedThroughput: definition.ProvisionedThroughput ?? {
      ReadCapacityUnits: 0,
      WriteCapacityUnits: 0,
    },
    ItemCount: items,
    TableSizeBytes: bytes,
  }
}

export const tableActions = {
  CreateTable: createTable,
  DeleteTable: deleteTable,
  DescribeTable: describeTable,
  ListTables: listTables,
}

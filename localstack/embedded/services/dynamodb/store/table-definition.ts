import * as z from 'zod'
import { invalid } from '../errors.ts'

/** An attribute that items are found by. */
export type KeyAttribute = { readonly name: string; readonly type: 'S' | 'N' | 'B' }

export type KeySchema = { readonly partitionKey: KeyAttribute; readonly sortKey: KeyAttribute | undefined }

const name = z.string().regex(/^[a-zA-Z0-9_.-]{3,255}$/, 'must be 3 to 255 letters, digits, "_", "." or "-"')

const keySchema = z
  .array(z.strictObject({ AttributeName: z.string().min(1), KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1)
  .max(2)

const projectionSchema = z.strictObject({
  ProjectionType: z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY']).default('ALL'),
  NonKeyAttributes: z.array(z.string()).optional(),
})

const indexSchema = z.strictObject({
  IndexName: name,
  KeySchema: keySchema,
  Projection: projectionSchema,
  ProvisionedThroughput: z.unknown().optional(),
})

/** A table as `CreateTable` declares it. */
export const tableSchema = z.strictObject({
  TableName: name,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string().min(1), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(indexSchema).optional(),
  LocalSecondaryIndexes: z.array(indexSchema).optional(),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  ProvisionedThroughput: z.unknown().optional(),
})

export type TableDefinition = z.output<typeof tableSchema>
type IndexDefinition = z.output<typeof indexSchema>

export type TableIndex = KeySchema & {
  readonly name: string
  readonly isGlobal: boolean
  readonly projection: z.output<typeof projectionSchema>
}

/** The keys of a table and of its indexes; throws a ValidationException where they contradict each other. */
export function keysOf(table: TableDefinition): {
  readonly keys: KeySchema
  readonly indexes: readonly TableIndex[]
} {
  const used = new Set<string>()
  const read = (declared: z.output<typeof keySchema>): KeySchema => {
    const [first, second] = declared
    if (first?.KeyType !== 'HASH' || (second !== undefined && second.KeyType !== 'RANGE'))
      throw invalid(
        'Invalid KeySchema: The first KeySchemaElement is not a HASH key type, or the second is not a RANGE key type',
      )
    const attribute = (attributeName: string): KeyAttribute => {
      used.add(attributeName)
      const found = table.AttributeDefinitions.find((each) => each.AttributeName === attributeName)
      if (found) return { name: attributeName, type: found.AttributeType }
      throw invalid(
        'One or more parameter values were invalid: Some index key attributes are not defined in ' +
          `AttributeDefinitions. Keys: [${attributeName}]`,
      )
    }
    return {
      partitionKey: attribute(first.AttributeName),
      sortKey: second && attribute(second.AttributeName),
    }
  }
  const keys = read(table.KeySchema)
  const index = (isGlobal: boolean) => (each: IndexDefinition) => ({
    ...read(each.KeySchema),
    name: each.IndexName,
    isGlobal,
    projection: each.Projection,
  })
  const indexes: readonly TableIndex[] = [
    ...(table.GlobalSecondaryIndexes ?? []).map(index(true)),
    ...(table.LocalSecondaryIndexes ?? []).map(index(false)),
  ]
  refuseContradictions(table, keys, indexes)
  const spare = table.AttributeDefinitions.filter((each) => !used.has(each.AttributeName))
  if (spare.length > 0)
    throw invalid(
      'One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: ' +
        `[${spare.map((each) => each.AttributeName).join(', ')}], keys used: [${[...used].join(', ')}]`,
    )
  return { keys, indexes }
}

function refuseContradictions(table: TableDefinition, keys: KeySchema, indexes: readonly TableIndex[]): void {
  const names = indexes.map((each) => each.name)
  const double = names.find((each, place) => names.indexOf(each) < place)
  if (double !== undefined)
    throw invalid(`One or more parameter values were invalid: Duplicate index name: ${double}`)
  const local = indexes.find(
    (each) =>
      !each.isGlobal && (each.partitionKey.name !== keys.partitionKey.name || each.sortKey === undefined),
  )
  if (local !== undefined)
    throw invalid(
      `One or more parameter values were invalid: the local index ${local.name} must have the table's partition key ` +
        'and a sort key of its own',
    )
  if (table.BillingMode !== 'PAY_PER_REQUEST' && table.ProvisionedThroughput === undefined)
    throw invalid(
      'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified ' +
        'when BillingMode is PROVISIONED',
    )
}

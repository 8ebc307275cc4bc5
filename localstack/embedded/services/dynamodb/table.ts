import * as z from 'zod'
import {
  arnOf,
  because,
  inert,
  inertProperties,
  physicalName,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Dynamodb } from './dynamodb.ts'

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))

const index = {
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY']).optional(),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
}

const throughput = inertProperties(
  because.capacity,
  'ProvisionedThroughput',
  'OnDemandThroughput',
  'WarmThroughput',
  'WriteProvisionedThroughputSettings',
  'ReadProvisionedThroughputSettings',
  'WriteOnDemandThroughputSettings',
  'ReadOnDemandThroughputSettings',
)

const insights = { ContributorInsightsSpecification: inert(because.watching) }

/** Streams, to Lambda or to Kinesis, are not supported. */
const table = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(z.strictObject({ ...index, ...throughput, ...insights })).optional(),
  LocalSecondaryIndexes: z.array(z.strictObject(index)).optional(),
  BillingMode: inert(because.capacity),
  SSESpecification: inert(because.encryption),
  TimeToLiveSpecification: inert(
    'expired items are not deleted; AWS too may keep them for days, so readers must check the time',
  ),
  ...throughput,
  ...insights,
}

const local = {
  ...inertProperties(because.deletion, 'PointInTimeRecoverySpecification', 'DeletionProtectionEnabled'),
  TableClass: inert('it affects only the price'),
  Tags: inert(because.naming),
  ResourcePolicy: inert(because.access),
}

function create(properties: z.output<z.ZodObject<typeof table>>, context: ResourceContext<Dynamodb>) {
  const name = properties.TableName ?? physicalName(context, 255)
  const indexes = properties.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection,
  }))
  const { id } = context.api.ensureTable({
    TableName: name,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    ...(indexes && { GlobalSecondaryIndexes: indexes }),
    ...(properties.LocalSecondaryIndexes && { LocalSecondaryIndexes: properties.LocalSecondaryIndexes }),
  })
  return { ref: name, attributes: { Arn: arnOf(context, 'dynamodb', `table/${name}`), TableId: id } }
}

export const dynamodbTable = resourceType({ properties: z.strictObject({ ...table, ...local }), create })

/** Of a global table the replica in this region is the table. */
export const dynamodbGlobalTable = resourceType({
  properties: z.strictObject({
    ...table,
    Replicas: z
      .array(
        z.strictObject({
          Region: z.string(),
          GlobalSecondaryIndexes: inert(because.capacity),
          SSESpecification: inert(because.encryption),
          ...throughput,
          ...insights,
          ...local,
        }),
      )
      .max(1, 'one replica, the local one, is supported'),
  }),
  create,
})

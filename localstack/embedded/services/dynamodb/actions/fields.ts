import * as z from 'zod'
import { checkedItem } from '../values/checked-value.ts'

/** The fields that several requests share. */

const ARN = /^arn:aws[^:]*:dynamodb:[^:]*:\d{12}:table\/([a-zA-Z0-9_.-]{3,255})$/
const NAME = /^[a-zA-Z0-9_.-]{3,255}$/

/** A table by its name or its ARN. */
export const tableName = z
  .string()
  .refine(
    (text) => NAME.test(text) || ARN.test(text),
    'must be the name of a table, 3 to 255 letters, digits, "_", "." or "-", or its ARN',
  )
  .transform((text) => ARN.exec(text)?.[1] ?? text)

/** Not checked by zod, but by `checkedItem`, which says what DynamoDB would say. */
export const item = z.record(z.string(), z.unknown()).transform((given) => checkedItem(given))

export const references = {
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), z.unknown()).optional(),
}

export const consumedCapacity = {
  ReturnConsumedCapacity: z.enum(['NONE', 'TOTAL', 'INDEXES']).default('NONE'),
}

export const onConditionFailure = {
  ReturnValuesOnConditionCheckFailure: z.enum(['NONE', 'ALL_OLD']).default('NONE'),
}

/** Members of requests to write one item. */
export const writeFields = {
  TableName: tableName,
  ConditionExpression: z.string().optional(),
  ReturnItemCollectionMetrics: z.literal('NONE').optional(),
  ...references,
  ...consumedCapacity,
  ...onConditionFailure,
}

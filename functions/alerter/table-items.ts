import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb'

import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'

export type Item = Record<string, AttributeValue>

/** What the table `alerts` has: rules, what was seen of symbols, firings, and which of them are to be delivered. */
export type Kind = 'rule' | 'sides' | 'last' | 'firing' | 'waiting'

export function keyOf(kind: Kind, id: string) {
  return { kind: { S: kind }, id: { S: id } }
}

/** Reads an item as it is now. */
export async function readItem(
  client: DynamoDBClient,
  table: string,
  [kind, id]: readonly [Kind, string],
): Promise<Item | undefined> {
  const { Item: found } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(kind, id), ConsistentRead: true }),
  )
  return found
}

/** Reads all items of a kind, as they are now. */
export async function* readAll(
  client: DynamoDBClient,
  table: string,
  {
    kind,
    ...more
  }: { readonly kind: Kind } & Pick<QueryCommandInput, 'FilterExpression'> & {
      readonly values?: Item
    },
): AsyncGenerator<Item> {
  let ExclusiveStartKey: Item | undefined
  do {
    const page: { Items?: Item[]; LastEvaluatedKey?: Item } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'kind = :kind',
        ConsistentRead: true,
        ExpressionAttributeValues: { ':kind': { S: kind }, ...more.values },
        ...(more.FilterExpression !== undefined && { FilterExpression: more.FilterExpression }),
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    yield* page.Items ?? []
    ExclusiveStartKey = page.LastEvaluatedKey
  } while (ExclusiveStartKey !== undefined)
}

/** Deletes an item; false when there is none. */
export async function removeItem(
  client: DynamoDBClient,
  table: string,
  [kind, id]: readonly [Kind, string],
): Promise<boolean> {
  const removed = await conditionalPut(
    client.send(
      new DeleteItemCommand({
        TableName: table,
        Key: keyOf(kind, id),
        ConditionExpression: 'attribute_exists(id)',
      }),
    ),
  )
  return removed.type === 'committed'
}

import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'

const MAX_KEYS_PER_READ = 100
const MAX_READ_ATTEMPTS = 8

/**
 * Reads the items of those keys that have one, consistently.
 *
 * @param options.key the only key of the table, a string
 * @throws when the table leaves keys unread at each attempt
 */
export async function batchGet(
  client: DynamoDBClient,
  { table, key }: { readonly table: string; readonly key: string },
  values: readonly string[],
): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = []
  for (let start = 0; start < values.length; start += MAX_KEYS_PER_READ) {
    let left = values.slice(start, start + MAX_KEYS_PER_READ).map((value) => ({ [key]: { S: value } }))
    for (let attempt = 1; left.length > 0; attempt++) {
      const answer = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
      )
      items.push(...(answer.Responses?.[table] ?? []))
      left = (answer.UnprocessedKeys?.[table]?.Keys ?? []).map((each) => ({
        [key]: { S: each[key]?.S ?? '' },
      }))
      if (left.length > 0 && attempt === MAX_READ_ATTEMPTS)
        throw new Error(
          `the table ${table} left ${left.length} keys unread after ${attempt} attempts: it is throttled`,
        )
      if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt))
    }
  }
  return items
}

import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb'

import { batchGet } from './batch-get.ts'
import { conditionalPut } from './conditional-put.ts'

/** A state in the table, with the version for optimistic locking. */
export type Versioned<State> = { readonly version: number; readonly state: State }

/** A conflict gives the state that another writer has left, where the table told it with the refusal. */
type CommitResult<State> =
  | { readonly type: 'committed' }
  | { readonly type: 'conflict'; readonly current: Versioned<State> | undefined }

/** State by key, each under an optimistic lock. */
export type StateStore<State> = {
  /** The states of those keys that have one, read consistently. */
  load(keys: readonly string[]): Promise<Map<string, Versioned<State>>>
  /** Writes a state if the version is still the one it was made from; 0 is the version of a key without a state. */
  commit(key: string, state: State, guard: { readonly expectedVersion: number }): Promise<CommitResult<State>>
  /** The states with the attribute `pending`: those that need more work. */
  pending(): AsyncIterable<readonly [key: string, Versioned<State>]>
}

export type Item = Record<string, AttributeValue>

/** How a state is encoded as an item of the table. */
export type StateCodec<State> = {
  /** The attributes beside key and version. An attribute `pending` marks a state that needs more work. */
  encode(state: State): Item
  /** @throws when `encode` did not write the item */
  decode(item: Item): State
}

const KEY = 'symbol'
const IS_NEW = 'attribute_not_exists(symbol)'
const IS_UNCHANGED = 'version = :expected'

/** The store over a DynamoDB table with the string key `symbol`. */
export function createStateStore<State>(
  client: DynamoDBClient,
  table: string,
  codec: StateCodec<State>,
): StateStore<State> {
  const read = (item: Item): readonly [string, Versioned<State>] => {
    const key = item[KEY]?.S ?? ''
    try {
      return [key, { version: Number(item['version']?.N), state: codec.decode(item) }]
    } catch (cause) {
      throw new Error(`the item "${key}" of the table ${table} cannot be read; delete it to start over`, {
        cause,
      })
    }
  }

  return {
    async load(keys) {
      return new Map((await batchGet(client, { table, key: KEY }, keys)).map(read))
    },

    async commit(key, state, { expectedVersion }) {
      const item = {
        ...codec.encode(state),
        [KEY]: { S: key },
        version: { N: String(expectedVersion + 1) },
      }
      const put = await conditionalPut(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: item,
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            ...(expectedVersion === 0
              ? { ConditionExpression: IS_NEW }
              : {
                  ConditionExpression: IS_UNCHANGED,
                  ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
                }),
          }),
        ),
      )
      if (put.type === 'committed') return put
      return { type: 'conflict', current: put.item && read(put.item)[1] }
    },

    async *pending() {
      const pages = paginateScan(
        { client },
        { TableName: table, ConsistentRead: true, FilterExpression: 'attribute_exists(pending)' },
      )
      for await (const page of pages) for (const item of page.Items ?? []) yield read(item)
    },
  }
}

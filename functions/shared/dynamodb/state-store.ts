import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'

import { batchGet } from './batch-get.ts'
import { batchedWrites, insertOf, updateOf } from './batched-writes.ts'

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
  /**
   * Writes a state if the version is still the one it was made from; 0 is the version of a key without a state. Commits of
   * different keys that are asked for at the same time share requests.
   */
  commit(key: string, state: State, guard: { readonly expectedVersion: number }): Promise<CommitResult<State>>
  /** The states with the attribute `pending`: those that need more work. */
  pending(): AsyncIterable<readonly [key: string, Versioned<State>]>
}

export type Item = Record<string, AttributeValue>

/** How a state is encoded as an item of the table. */
export type StateCodec<State> = {
  /** All attributes beside key and version that this release or one before it writes: what `encode` leaves out is removed. */
  readonly attributes: readonly string[]
  /** The attributes beside key and version. An attribute `pending` marks a state that needs more work. */
  encode(state: State): Item
  /** @throws when `encode` did not write the item */
  decode(item: Item): State
}

const KEY = 'symbol'
const VERSION = 'version'

/** The store over a DynamoDB table with the string key `symbol`. */
export function createStateStore<State>(
  client: DynamoDBClient,
  table: string,
  codec: StateCodec<State>,
): StateStore<State> {
  const read = (item: Item): readonly [string, Versioned<State>] => {
    const key = item[KEY]?.S ?? ''
    try {
      return [key, { version: Number(item[VERSION]?.N), state: codec.decode(item) }]
    } catch (cause) {
      throw new Error(`the item "${key}" of the table ${table} cannot be read; delete it to start over`, {
        cause,
      })
    }
  }

  const write = batchedWrites(client)
  const unset = Object.fromEntries(codec.attributes.map((name) => [name, undefined]))

  return {
    async load(keys) {
      return new Map((await batchGet(client, { table, key: KEY }, keys)).map(read))
    },

    async commit(key, state, { expectedVersion }) {
      const [encoded, version] = [codec.encode(state), { N: String(expectedVersion + 1) }]
      const item = { [KEY]: { S: key }, [VERSION]: version, ...encoded }
      const expected = { [KEY]: { S: key }, [VERSION]: { N: String(expectedVersion) } }
      const changed = { ...unset, [VERSION]: version, ...encoded }
      const statement = expectedVersion === 0 ? insertOf(table, item) : updateOf(table, changed, expected)
      const put = await write({ key, ...statement })
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

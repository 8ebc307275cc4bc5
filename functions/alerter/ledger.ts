import {
  type DynamoDBClient,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'
import { type Firing, firingSchema, type LedgerEntry } from './firing.ts'
import { type Item, keyOf, readAll, readItem } from './table-items.ts'

/** A firing that is to be delivered. */
export type Waiting = {
  readonly id: string
  /** When it is to be tried next; Unix milliseconds. */
  readonly due: number
  /** Attempts that were begun. */
  readonly attempts: number
}

/** What became of a delivery. */
export type Ending =
  | { readonly type: 'delivered' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'later'; readonly reason: string; readonly due: number }

/** Which rules have fired for what, and what of it is delivered: the outbox. */
export type Ledger = {
  /** Records a firing and that it is to be delivered, both or neither; `known` when it was recorded before. */
  record(firing: Firing): Promise<'recorded' | 'known'>
  /** What is to be tried by now. */
  due(now: number): Promise<readonly Waiting[]>
  /** Takes a delivery until a time, when others may take it; undefined when another has it. */
  claim(waiting: Waiting, until: number): Promise<Waiting | undefined>
  read(id: string): Promise<LedgerEntry | undefined>
  /** Notes what became of a claimed delivery, unless another has taken it since. */
  end(claimed: Waiting, ending: Ending): Promise<void>
  /** Delivers a firing again whose delivery has failed; false where it has not. */
  again(id: string): Promise<boolean>
  /** The newest minute first. */
  list(page: {
    readonly limit: number
    readonly before?: string | undefined
  }): Promise<{ readonly entries: readonly LedgerEntry[]; readonly next: string | undefined }>
}

/** How long a firing is known: longer than a stream can redeliver its record. */
const KEPT_DAYS = 90

/** @param now Unix milliseconds */
export function createLedger(client: DynamoDBClient, table: string, now: () => number): Ledger {
  const put = (item: Item, condition?: string) => ({
    Put: {
      TableName: table,
      Item: item,
      ...(condition !== undefined && { ConditionExpression: condition }),
    },
  })
  const isWritten = async (...TransactItems: TransactItems): Promise<boolean> =>
    await notRefused(client.send(new TransactWriteItemsCommand({ TransactItems })))
  const expiresAt = () => ({ N: String(Math.floor(now() / 1000) + KEPT_DAYS * 86_400) })
  const setDelivery = (id: string, values: Item, condition?: string) => ({
    Update: {
      TableName: table,
      Key: keyOf('firing', id),
      UpdateExpression: `SET ${Object.keys(values)
        .map((name) => `${name} = :${name}`)
        .join(', ')}`,
      ExpressionAttributeValues: {
        ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
        ...(condition !== undefined && { ':was': { S: condition } }),
      },
      ...(condition !== undefined && { ConditionExpression: 'delivery = :was' }),
    },
  })
  return {
    record: async (firing) => {
      const entry = {
        ...keyOf('firing', firing.id),
        text: { S: JSON.stringify(firing) },
        delivery: { S: 'waiting' },
        attempts: { N: '0' },
        expiresAt: expiresAt(),
      }
      const isNew = await isWritten(
        put(entry, 'attribute_not_exists(id)'),
        put(waitingItem({ id: firing.id, due: now(), attempts: 0 })),
      )
      return isNew ? 'recorded' : 'known'
    },
    due: async (time) => {
      const found: Waiting[] = []
      const asked = { FilterExpression: 'due <= :now', values: { ':now': { N: String(time) } } }
      for await (const item of readAll(client, table, { kind: 'waiting', ...asked }))
        found.push(waitingOf(item))
      return found.toSorted((one, other) => one.due - other.due)
    },
    claim: async ({ id, due, attempts }, until) => {
      const claimed = { id, due: until, attempts: attempts + 1 }
      const { type } = await conditionalPut(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf('waiting', id),
            UpdateExpression: 'SET due = :until, attempts = :attempts',
            ConditionExpression: 'due = :due',
            ExpressionAttributeValues: {
              ':until': { N: String(until) },
              ':attempts': { N: String(claimed.attempts) },
              ':due': { N: String(due) },
            },
          }),
        ),
      )
      return type === 'committed' ? claimed : undefined
    },
    read: async (id) => {
      const item = await readItem(client, table, ['firing', id])
      return item && entryOf(item)
    },
    end: async ({ id, due, attempts }, ending) => {
      const held = {
        ConditionExpression: 'due = :held',
        ExpressionAttributeValues: { ':held': { N: String(due) } },
      }
      const reason: Item = 'reason' in ending ? { reason: { S: ending.reason } } : {}
      const key = { TableName: table, Key: keyOf('waiting', id) }
      if (ending.type === 'later') {
        const values = { ...held.ExpressionAttributeValues, ':due': { N: String(ending.due) } }
        const set = {
          Update: {
            ...key,
            ...held,
            UpdateExpression: 'SET due = :due',
            ExpressionAttributeValues: values,
          },
        }
        await isWritten(set, setDelivery(id, { attempts: { N: String(attempts) }, ...reason }))
        return
      }
      const ended = {
        delivery: { S: ending.type },
        attempts: { N: String(attempts) },
        endedAt: { N: String(now()) },
        ...reason,
      }
      await isWritten({ Delete: { ...key, ...held } }, setDelivery(id, ended))
    },
    again: async (id) =>
      await isWritten(
        put(waitingItem({ id, due: now(), attempts: 0 })),
        setDelivery(id, { delivery: { S: 'waiting' }, attempts: { N: '0' } }, 'failed'),
      ),
    list: async ({ limit, before }) => {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'kind = :kind',
          ExpressionAttributeValues: { ':kind': { S: 'firing' } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit,
          ...(before !== undefined && { ExclusiveStartKey: keyOf('firing', before) }),
        }),
      )
      return { entries: Items.map(entryOf), next: LastEvaluatedKey?.['id']?.S }
    },
  }
}

type TransactItems = NonNullable<ConstructorParameters<typeof TransactWriteItemsCommand>[0]['TransactItems']>

/** False when a condition does not hold; rejects when the transaction failed for another reason. */
async function notRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : []
    if (reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) return false
    throw error
  }
}

function waitingItem({ id, due, attempts }: Waiting): Item {
  return { ...keyOf('waiting', id), due: { N: String(due) }, attempts: { N: String(attempts) } }
}

function waitingOf(item: Item): Waiting {
  return {
    id: item['id']?.S ?? '',
    due: Number(item['due']?.N),
    attempts: Number(item['attempts']?.N),
  }
}

function entryOf(item: Item): LedgerEntry {
  const delivery = item['delivery']?.S
  return {
    firing: firingSchema.parse(JSON.parse(item['text']?.S ?? '')),
    delivery: delivery === 'delivered' || delivery === 'failed' ? delivery : 'waiting',
    attempts: Number(item['attempts']?.N),
    reason: item['reason']?.S,
    endedAt: item['endedAt']?.N === undefined ? undefined : Number(item['endedAt'].N),
  }
}

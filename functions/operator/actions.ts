import { randomUUID } from 'node:crypto'

import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'

import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'

/** What somebody did, and when (Unix milliseconds). */
type Action = { readonly at: number; readonly who: string; readonly what: string }

/** What operators did. */
export type Actions = {
  record(who: string, what: string): Promise<void>
  /** The newest first. */
  list(): Promise<readonly Action[]>
  /**
   * Runs work while no other work that is run so runs, in whatever instance.
   *
   * @throws BusyError when other work runs
   */
  alone<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Other work on the dead letters runs. */
export class BusyError extends Error {
  override readonly name = 'BusyError'

  constructor() {
    super('another redrive or discard is running: try again in a moment')
  }
}

const SHOWN = 200
/** More than the function may run, so that nobody else works while one that hangs still may. */
export const LOCK_MS = 60_000

/**
 * The record in a table with the keys `kind` and `id`.
 *
 * @param now Unix milliseconds
 */
export function openActions(client: DynamoDBClient, table: string, now: () => number): Actions {
  const lock = { kind: { S: 'lock' }, id: { S: 'dead-letters' } }
  const take = async (owner: string): Promise<boolean> => {
    const put = await conditionalPut(
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...lock, lockOwner: { S: owner }, lockUntil: { N: String(now() + LOCK_MS) } },
          ConditionExpression: 'attribute_not_exists(id) OR lockUntil < :now',
          ExpressionAttributeValues: { ':now': { N: String(now()) } },
        }),
      ),
    )
    return put.type === 'committed'
  }
  const release = async (owner: string): Promise<void> => {
    await conditionalPut(
      client.send(
        new DeleteItemCommand({
          TableName: table,
          Key: lock,
          ConditionExpression: 'lockOwner = :owner',
          ExpressionAttributeValues: { ':owner': { S: owner } },
        }),
      ),
    )
  }
  return {
    async record(who, what) {
      const at = now()
      // By time, and then each its own: two operators may act in the same millisecond.
      const id = `${new Date(at).toISOString()} ${randomUUID()}`
      const texts = { kind: { S: 'action' }, id: { S: id }, who: { S: who }, what: { S: what } }
      await client.send(new PutItemCommand({ TableName: table, Item: { ...texts, at: { N: String(at) } } }))
    },
    async list() {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'kind = :action',
          ExpressionAttributeValues: { ':action': { S: 'action' } },
          ScanIndexForward: false,
          Limit: SHOWN,
          ConsistentRead: true,
        }),
      )
      return Items.map(({ at, who, what }) => ({
        at: Number(at?.N),
        who: who?.S ?? '',
        what: what?.S ?? '',
      }))
    },
    async alone(work) {
      const owner = randomUUID()
      if (!(await take(owner))) throw new BusyError()
      try {
        return await work()
      } finally {
        await release(owner)
      }
    },
  }
}

import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

import { batchGet } from '../shared/dynamodb/batch-get.ts'
import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'
import { NO_SUBSCRIPTIONS, type Subscriptions, symbolsOf } from './subscriptions.ts'
import { decodeSubscriptions, encodeSubscriptions } from './subscriptions-codec.ts'

/** A WebSocket connection in the table. */
export type Connection = {
  readonly id: string
  /** For optimistic locking. */
  readonly version: number
  readonly subscriptions: Subscriptions
  /** Unix seconds after which API Gateway has ended it. */
  readonly expiresAt: number
  /** `to-end`: it gets no more messages, and is to be ended, since something that it wants was or may be missed. */
  readonly state: 'open' | 'to-end'
}

/** Items of a usual size that a consistent read of the table gets for what a read of a single one costs. */
export const ITEMS_PER_READ = 10

/** The connections. One item holds all subscriptions of a connection, so that they change atomically. Reads are consistent. */
export type ConnectionItems = {
  /** Adds a connection without subscriptions. */
  add(id: string, options: { readonly expiresAt: number }): Promise<void>
  /** Those of the ids that exist. */
  load(ids: readonly string[]): Promise<Connection[]>
  /** Writes subscriptions unless the connection has changed since it was read, or is gone. */
  commit(before: Connection, subscriptions: Subscriptions): Promise<'committed' | 'conflict'>
  /** Marks a connection as to be ended, if it exists. */
  markToEnd(id: string): Promise<void>
  /** Removes a connection, and answers with what it was; undefined when there was none. */
  remove(id: string): Promise<Connection | undefined>
  all(): Promise<Connection[]>
  /** All when they are fewer than `limit` and fit in a page, else undefined; reads no more than that. */
  few(limit: number): Promise<Connection[] | undefined>
}

type Item = Record<string, AttributeValue>

const KEY = 'connectionId'
const IS_THERE = 'attribute_exists(connectionId)'
const IS_UNCHANGED = '#version = :expected'
const VERSION = { '#version': 'version' }

/** The items in a DynamoDB table with the string key `connectionId`, and `expiresAt` as its time to live. */
export function createConnectionItems(client: DynamoDBClient, table: string): ConnectionItems {
  const of = (id: string) => ({ TableName: table, Key: { [KEY]: { S: id } } })
  // Consistent, so that a client whose subscription was confirmed gets the next bar.
  const consistent = { TableName: table, ConsistentRead: true }
  return {
    async add(id, { expiresAt }) {
      const item = { [KEY]: { S: id }, version: { N: '1' }, expiresAt: { N: String(expiresAt) } }
      await client.send(new PutItemCommand({ TableName: table, Item: item }))
    },

    async load(ids) {
      const [first, ...others] = ids
      if (first === undefined) return []
      if (others.length > 0) return (await batchGet(client, { table, key: KEY }, ids)).map(read)
      const { Item: item } = await client.send(new GetItemCommand({ ...of(first), ConsistentRead: true }))
      return item === undefined ? [] : [read(item)]
    },

    async commit({ id, version }, subscriptions) {
      const { type } = await conditionalPut(
        client.send(
          new UpdateItemCommand({
            ...of(id),
            ConditionExpression: IS_UNCHANGED,
            UpdateExpression:
              'SET subscriptions = :subscriptions, #version = :next, indexedVersion = :next, ticksIndexedVersion = :next',
            ExpressionAttributeNames: VERSION,
            ExpressionAttributeValues: {
              ':expected': { N: String(version) },
              ':next': { N: String(version + 1) },
              ':subscriptions': { S: encodeSubscriptions(subscriptions) },
            },
          }),
        ),
      )
      return type
    },

    async markToEnd(id) {
      await conditionalPut(
        client.send(
          new UpdateItemCommand({
            ...of(id),
            ConditionExpression: IS_THERE,
            UpdateExpression: 'SET toEnd = :yes ADD #version :one',
            ExpressionAttributeNames: VERSION,
            ExpressionAttributeValues: { ':yes': { BOOL: true }, ':one': { N: '1' } },
          }),
        ),
      )
    },

    async remove(id) {
      const { Attributes } = await client.send(new DeleteItemCommand({ ...of(id), ReturnValues: 'ALL_OLD' }))
      return Attributes && read(Attributes)
    },

    async all() {
      const found: Connection[] = []
      for await (const { Items = [] } of paginateScan({ client }, consistent)) found.push(...Items.map(read))
      return found
    },

    async few(limit) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({ ...consistent, Limit: limit }),
      )
      return LastEvaluatedKey === undefined ? Items.map(read) : undefined
    },
  }
}

function read(item: Item): Connection {
  const version = Number(item['version']?.N)
  const text = item['subscriptions']?.S
  const subscriptions = text === undefined ? NO_SUBSCRIPTIONS : decodeSubscriptions(text)
  // Of another version of the code: they cannot be decoded, or the index lacks them.
  const isForeign =
    subscriptions === undefined ||
    (symbolsOf(subscriptions).length > 0 && Number(item['indexedVersion']?.N) !== version) ||
    // Older code has indexed that a connection wants live ticks, but not of which symbols.
    (subscriptions.ticks.size > 0 && Number(item['ticksIndexedVersion']?.N) !== version)
  return {
    id: item[KEY]?.S ?? '',
    version,
    subscriptions: subscriptions ?? NO_SUBSCRIPTIONS,
    expiresAt: Number(item['expiresAt']?.N),
    state: item['toEnd'] !== undefined || isForeign ? 'to-end' : 'open',
  }
}

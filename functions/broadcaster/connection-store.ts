import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'
import { NO_SUBSCRIPTIONS, type Subscriptions } from './subscriptions.ts'
import { decodeSubscriptions, encodeSubscriptions } from './subscriptions-codec.ts'

/** A WebSocket connection, as it lies in the table. */
export type Connection = {
  readonly id: string
  /** Guards what is written. */
  readonly version: number
  readonly subscriptions: Subscriptions
  /** Unix seconds after which API Gateway has ended it. */
  readonly expiresAt: number
  /** A message could not be sent on it: it gets no more, and is to end. */
  readonly state: 'open' | 'to-end'
}

/**
 * The connections. An item holds all that a connection is subscribed to: what is written is whole or not there, and a
 * batch reads the table once, however many symbols it is about.
 */
export type ConnectionStore = {
  /** Adds a connection without subscriptions. */
  add(id: string, options: { readonly expiresAt: number }): Promise<void>
  load(id: string): Promise<Connection | undefined>
  /** Writes subscriptions unless the connection has changed since it was read, or is gone. */
  commit(before: Connection, subscriptions: Subscriptions): Promise<'committed' | 'conflict'>
  /** Notes that a connection is to end, if there is one. */
  markToEnd(id: string): Promise<void>
  /** Removes a connection, if there is one. */
  remove(id: string): Promise<void>
  /** All, with whatever was written before. */
  all(): Promise<Connection[]>
}

type Item = Record<string, AttributeValue>

const KEY = 'connectionId'
const IS_THERE = 'attribute_exists(connectionId)'
const IS_UNCHANGED = '#version = :expected'
const VERSION = { '#version': 'version' }

/** The store over a DynamoDB table with the string key `connectionId`, and `expiresAt` as its time to live. */
export function createConnectionStore(client: DynamoDBClient, table: string): ConnectionStore {
  const of = (id: string) => ({ TableName: table, Key: { [KEY]: { S: id } } })
  return {
    async add(id, { expiresAt }) {
      const item = { [KEY]: { S: id }, version: { N: '1' }, expiresAt: { N: String(expiresAt) } }
      await client.send(new PutItemCommand({ TableName: table, Item: item }))
    },

    async load(id) {
      const { Item: item } = await client.send(new GetItemCommand({ ...of(id), ConsistentRead: true }))
      return item && read(item)
    },

    commit: ({ id, version }, subscriptions) =>
      conditionalPut(
        client.send(
          new UpdateItemCommand({
            ...of(id),
            ConditionExpression: IS_UNCHANGED,
            UpdateExpression: 'SET subscriptions = :subscriptions, #version = :next',
            ExpressionAttributeNames: VERSION,
            ExpressionAttributeValues: {
              ':expected': { N: String(version) },
              ':next': { N: String(version + 1) },
              ':subscriptions': { S: encodeSubscriptions(subscriptions) },
            },
          }),
        ),
      ),

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
      await client.send(new DeleteItemCommand(of(id)))
    },

    async all() {
      const found: Connection[] = []
      // Consistent: who was told that it is subscribed gets the next bar.
      for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
        found.push(...Items.map(read))
      return found
    },
  }
}

function read(item: Item): Connection {
  const text = item['subscriptions']?.S
  const subscriptions = text === undefined ? NO_SUBSCRIPTIONS : decodeSubscriptions(text)
  return {
    id: item[KEY]?.S ?? '',
    version: Number(item['version']?.N),
    subscriptions: subscriptions ?? NO_SUBSCRIPTIONS,
    expiresAt: Number(item['expiresAt']?.N),
    // What other code wrote cannot be honoured, and must not be passed over in silence.
    state: item['toEnd'] !== undefined || subscriptions === undefined ? 'to-end' : 'open',
  }
}

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

/** A WebSocket connection in the table. */
export type Connection = {
  readonly id: string
  /** For optimistic locking. */
  readonly version: number
  readonly subscriptions: Subscriptions
  /** Unix seconds after which API Gateway has ended it. */
  readonly expiresAt: number
  /** `to-end`: a message could not be sent on it; it gets no more messages, and is to be ended. */
  readonly state: 'open' | 'to-end'
}

/**
 * The connections. One item holds all subscriptions of a connection, so that they change atomically and a batch scans
 * the table once, however many symbols it contains.
 */
export type ConnectionStore = {
  /** Adds a connection without subscriptions. */
  add(id: string, options: { readonly expiresAt: number }): Promise<void>
  load(id: string): Promise<Connection | undefined>
  /** Writes subscriptions unless the connection has changed since it was read, or is gone. */
  commit(before: Connection, subscriptions: Subscriptions): Promise<'committed' | 'conflict'>
  /** Marks a connection as to be ended, if it exists. */
  markToEnd(id: string): Promise<void>
  /** Removes a connection, if it exists. */
  remove(id: string): Promise<void>
  /** All connections, read consistently. */
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

    async commit({ id, version }, subscriptions) {
      const { type } = await conditionalPut(
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
      await client.send(new DeleteItemCommand(of(id)))
    },

    async all() {
      const found: Connection[] = []
      // Consistent, so that a client whose subscription was confirmed gets the next bar.
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
    // Subscriptions that cannot be decoded (of another version) end the connection, so that its client reconnects.
    state: item['toEnd'] !== undefined || subscriptions === undefined ? 'to-end' : 'open',
  }
}

import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'

import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'
import type { Topic } from './topics.ts'

/** Says that a connection may want records of a topic; its own item says whether it does. */
export type Entry = {
  readonly topic: Topic
  readonly connectionId: string
  /** The version of the connection with which the entry was made. */
  readonly version: number
}

/** Connections by topic. */
export type SubscriberIndex = {
  /** Puts an entry, unless there is one of the same version or a later one. */
  put(entry: Entry, options: { readonly expiresAt: number }): Promise<void>
  /** Removes an entry, unless there is one of a later version. */
  remove(entry: Entry): Promise<void>
  /** The entries of a topic, read consistently. */
  entries(topic: Topic): Promise<Entry[]>
  /** All entries of a topic when they are fewer than `limit`, else undefined; reads no more than that, consistently. */
  few(topic: Topic, limit: number): Promise<Entry[] | undefined>
  /** The entries of all topics, read consistently. */
  everything(): Promise<Entry[]>
}

const NAMES = { '#version': 'version' }
const IS_NEWER = 'attribute_not_exists(#version) OR #version < :version'
const IS_NOT_NEWER = '#version <= :version'

/** The index over a DynamoDB table with the keys `topic` and `connectionId`, and `expiresAt` as its time to live. */
export function createSubscriberIndex(client: DynamoDBClient, table: string): SubscriberIndex {
  const keyOf = ({ topic, connectionId }: Entry): Record<string, AttributeValue> => ({
    topic: { S: topic },
    connectionId: { S: connectionId },
  })
  const of = (topic: Topic) => ({
    TableName: table,
    KeyConditionExpression: 'topic = :topic',
    ExpressionAttributeValues: { ':topic': { S: topic } },
    ConsistentRead: true,
  })
  const versionOf = ({ version }: Entry) => ({ ':version': { N: String(version) } })
  return {
    async put(entry, { expiresAt }) {
      await conditionalPut(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf(entry),
              version: { N: String(entry.version) },
              expiresAt: { N: String(expiresAt) },
            },
            ConditionExpression: IS_NEWER,
            ExpressionAttributeNames: NAMES,
            ExpressionAttributeValues: versionOf(entry),
          }),
        ),
      )
    },

    async remove(entry) {
      await conditionalPut(
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(entry),
            ConditionExpression: IS_NOT_NEWER,
            ExpressionAttributeNames: NAMES,
            ExpressionAttributeValues: versionOf(entry),
          }),
        ),
      )
    },

    async entries(topic) {
      const found: Entry[] = []
      for await (const { Items = [] } of paginateQuery({ client }, of(topic)))
        found.push(...Items.map((item) => read(topic, item)))
      return found
    },

    async few(topic, limit) {
      const query = new QueryCommand({ ...of(topic), Limit: limit })
      const { Items = [], LastEvaluatedKey } = await client.send(query)
      return LastEvaluatedKey === undefined ? Items.map((item) => read(topic, item)) : undefined
    },

    async everything() {
      const found: Entry[] = []
      const whole = { TableName: table, ConsistentRead: true }
      for await (const { Items = [] } of paginateScan({ client }, whole))
        found.push(...Items.map((item) => read(item['topic']?.S ?? '', item)))
      return found
    },
  }
}

function read(topic: Topic, { connectionId, version }: Record<string, AttributeValue>): Entry {
  return { topic, connectionId: connectionId?.S ?? '', version: Number(version?.N) }
}

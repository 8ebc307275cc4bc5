import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createConnectionStore } from '../../../functions/broadcaster/connection-store.ts'
import {
  MAX_SYMBOLS,
  NO_SUBSCRIPTIONS,
  RECORD_TYPES,
  subscribe,
} from '../../../functions/broadcaster/subscriptions.ts'
import { type DynamodbServer, startDynamodb } from '../../../localstack/embedded/dynamodb/dynamodb.ts'
import { describeConnectionStore } from './connection-store.contract.ts'

let folder: string
let server: DynamodbServer
let client: DynamoDBClient
let tables = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  server = await startDynamodb(folder, 'us-east-1')
  client = new DynamoDBClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})

afterAll(async () => {
  client.destroy()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

async function createTable(): Promise<string> {
  tables++
  const name = `connections-${tables}`
  await client.send(
    new CreateTableCommand({
      TableName: name,
      KeySchema: [{ AttributeName: 'connectionId', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'connectionId', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.1 }, { TableName: name })
  return name
}

describe('the connections in DynamoDB', () => {
  describeConnectionStore(async () => createConnectionStore(client, await createTable()))

  it('are all there when they are more than a page of a scan, which is a megabyte', async () => {
    const store = createConnectionStore(client, await createTable())
    const symbols = Array.from({ length: MAX_SYMBOLS }, (_, index) => String(index).padStart(64, 'S'))
    const subscriptions = subscribe(NO_SUBSCRIPTIONS, { symbols, types: RECORD_TYPES })
    for (let index = 0; index < 40; index++) {
      await store.add(`C${index}`, { expiresAt: 1 })
      const connection = await store.load(`C${index}`)
      if (connection !== undefined) await store.commit(connection, subscriptions)
    }
    const all = await store.all()
    expect(all).toHaveLength(40)
    expect(all.every((each) => each.subscriptions.patterns.size === MAX_SYMBOLS)).toBe(true)
  })

  it('are to end where other code wrote what they want', async () => {
    const table = await createTable()
    const item = { connectionId: { S: 'A' }, version: { N: '7' }, expiresAt: { N: '1' } }
    for (const text of ['', '{"AAPL":true}', '[[["trades"],["AAPL"]]]']) {
      await client.send(
        new PutItemCommand({ TableName: table, Item: { ...item, subscriptions: { S: text } } }),
      )
      expect(await createConnectionStore(client, table).load('A')).toMatchObject({
        version: 7,
        state: 'to-end',
      })
    }
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe } from 'vitest'

import { createStateStore } from '../../../functions/shared/state-store.ts'
import { type DynamodbServer, startDynamodb } from '../../../localstack/embedded/dynamodb/dynamodb.ts'
import { describeStateStore, sampleCodec } from './state-store.contract.ts'

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

describe('the state store over DynamoDB', () => {
  describeStateStore(async () => {
    tables++
    const name = `states-${tables}`
    await client.send(
      new CreateTableCommand({
        TableName: name,
        KeySchema: [{ AttributeName: 'symbol', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'symbol', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
    await waitUntilTableExists(
      { client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.1 },
      { TableName: name },
    )
    return createStateStore(client, name, sampleCodec)
  })
})

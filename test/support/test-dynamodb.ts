import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { startDynamodb } from 'embedded-aws/services'

export type TestDynamodb = {
  readonly client: DynamoDBClient
  /** Makes an empty table with texts as keys, and answers with its name. */
  createTable(key: string, sortKey?: string): Promise<string>
  remove(): Promise<void>
}

/** A throw-away server. */
export async function startTestDynamodb(): Promise<TestDynamodb> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  const server = await startDynamodb(folder, 'us-east-1')
  const client = new DynamoDBClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  let tables = 0
  return {
    client,
    createTable: async (key, sortKey) => {
      const TableName = `table-${++tables}`
      const sort = sortKey === undefined ? [] : [sortKey]
      await client.send(
        new CreateTableCommand({
          TableName,
          KeySchema: [
            { AttributeName: key, KeyType: 'HASH' },
            ...sort.map((name) => ({ AttributeName: name, KeyType: 'RANGE' as const })),
          ],
          AttributeDefinitions: [key, ...sort].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
          BillingMode: 'PAY_PER_REQUEST',
        }),
      )
      await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.1 }, { TableName })
      return TableName
    },
    remove: async () => {
      client.destroy()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

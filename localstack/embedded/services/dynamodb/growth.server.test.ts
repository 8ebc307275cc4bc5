import { randomBytes } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { startDynamodb } from './dynamodb.ts'
import { temporaryFolder } from '../../testing/helpers.ts'

const MB = 1024 * 1024
const KEYS = 20
const VALUE_BYTES = 10_000
/** Each writes all items once, 0.2 MB, and reads in every way. */
const ROUNDS = 40

test('items that are written again and again keep the folder as it was', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder()
  const server = await startDynamodb(folder, 'us-east-1')
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const { endpoint } = server
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials })
  server.ensureTable({
    TableName: 'words',
    AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
  })
  for (let round = 0; round < ROUNDS; round++) await writeAndRead(client)
  // 8 MB were written; the database, its log and nothing else.
  expect(readdirSync(folder).toSorted()).toEqual(['tables.sqlite', 'tables.sqlite-wal'])
  expect(bytesIn(folder) / MB).toBeLessThan(2.5)
  client.destroy()
  await server.close()
})

async function writeAndRead(client: DynamoDBClient): Promise<void> {
  const words = Array.from({ length: KEYS }, (_, index) => ({ S: `word ${index}` }))
  const value = { B: randomBytes(VALUE_BYTES) }
  await Promise.all(
    words.map((word) => client.send(new PutItemCommand({ TableName: 'words', Item: { word, value } }))),
  )
  await client.send(new ScanCommand({ TableName: 'words', Limit: 1 }))
  await client.send(
    new QueryCommand({
      TableName: 'words',
      KeyConditionExpression: 'word = :word',
      ExpressionAttributeValues: { ':word': { S: 'word 1' } },
    }),
  )
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { startDynamodb } from './dynamodb.ts'
import type { DeclaredTable } from './dynamodb.ts'
import { temporaryFolder } from '../../testing/helpers.ts'

function table(...keys: readonly string[]): DeclaredTable {
  return {
    TableName: 'words',
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys.map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    })),
  }
}

/** Works on the table `words` of a folder, and closes it. */
async function withClient<Result>(
  folder: string,
  work: (client: DynamoDBClient) => Promise<Result>,
): Promise<Result> {
  const server = await startDynamodb(folder, 'us-east-1')
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const { endpoint } = server
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  server.ensureTable(table('word'))
  const result = await work(client)
  client.destroy()
  await server.close()
  return result
}

test('keeps tables and items across a restart', async () => {
  const folder = temporaryFolder()
  const item = { word: { S: 'one' } }
  await withClient(folder, (client) => client.send(new PutItemCommand({ TableName: 'words', Item: item })))
  const found = await withClient(folder, (client) =>
    client.send(new GetItemCommand({ TableName: 'words', Key: item })),
  )
  expect(found.Item).toEqual(item)
})

test('refuses a table that exists with other keys or indexes, and shows both', async () => {
  const server = await startDynamodb(temporaryFolder(), 'us-east-1')
  server.ensureTable(table('word'))
  expect(() => server.ensureTable(table('word', 'year'))).toThrow(
    'Table words exists with the keys table (word S HASH); the template wants table (word S HASH, year S RANGE).',
  )
  expect(() =>
    server.ensureTable({
      ...table('word'),
      AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'N' }],
    }),
  ).toThrow('the template wants table (word N HASH)')
  const indexed = (name: string, type: 'ALL' | 'KEYS_ONLY'): DeclaredTable => ({
    ...table('word'),
    TableName: 'indexed',
    GlobalSecondaryIndexes: [
      {
        IndexName: name,
        KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
        Projection: { ProjectionType: type },
      },
    ],
  })
  server.ensureTable(indexed('by-word', 'KEYS_ONLY'))
  server.ensureTable(indexed('by-word', 'KEYS_ONLY'))
  expect(() => server.ensureTable(indexed('by-word', 'ALL'))).toThrow(
    'exists with the keys global by-word (word S HASH) KEYS_ONLY, table (word S HASH)',
  )
  await server.close()
})

test('says that a folder is damaged, and leaves it as it is', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'tables.sqlite')
  const server = await startDynamodb(folder, 'us-east-1')
  server.ensureTable(table('word'))
  await server.close()
  const bytes = readFileSync(file)
  const damaged = {
    half: bytes.subarray(0, bytes.length / 2),
    'garbage but for its head': Buffer.concat([bytes.subarray(0, 100), randomBytes(bytes.length - 100)]),
    garbage: randomBytes(bytes.length),
  }
  for (const content of Object.values(damaged)) {
    writeFileSync(file, content)
    await expect(startDynamodb(folder, 'us-east-1')).rejects.toThrow('tables.sqlite is damaged (')
    expect(readFileSync(file)).toEqual(content)
  }
  writeFileSync(file, bytes)
  const again = await startDynamodb(folder, 'us-east-1')
  expect(again.hasTable('words')).toBe(true)
  await again.close()
})

test('gives no item of which a bit has changed on disk', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'tables.sqlite')
  const item = { word: { S: 'one' }, meaning: { S: 'the least of the natural numbers' } }
  await withClient(folder, (client) => client.send(new PutItemCommand({ TableName: 'words', Item: item })))
  const bytes = readFileSync(file)
  const at = bytes.indexOf('natural')
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(file, bytes)
  await withClient(folder, async (client) => {
    const get = new GetItemCommand({ TableName: 'words', Key: { word: { S: 'one' } } })
    await expect(client.send(get)).rejects.toThrow('An item of the table words is damaged on disk')
  })
})

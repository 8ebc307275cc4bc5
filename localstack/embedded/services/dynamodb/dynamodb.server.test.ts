import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { startDynamodb } from './dynamodb.ts'
import type { TableDefinition } from './dynamodb.ts'
import { temporaryFolder } from '../../testing/helpers.ts'

function table(...keys: readonly string[]): TableDefinition {
  return {
    TableName: 'words',
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys.map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    })),
  }
}

test('keeps tables and items across a restart', async () => {
  const folder = temporaryFolder()
  const item = { word: { S: 'one' } }
  const withClient = async <Result>(work: (client: DynamoDBClient) => Promise<Result>): Promise<Result> => {
    const server = await startDynamodb(folder, 'us-east-1')
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = new DynamoDBClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
    await server.ensureTable(table('word'))
    const result = await work(client)
    client.destroy()
    await server.close()
    return result
  }
  await withClient((client) => client.send(new PutItemCommand({ TableName: 'words', Item: item })))
  const found = await withClient((client) =>
    client.send(new GetItemCommand({ TableName: 'words', Key: item })),
  )
  expect(found.Item).toEqual(item)
})

test('refuses a table that exists with other keys or indexes, and shows both', async () => {
  const server = await startDynamodb(temporaryFolder(), 'us-east-1')
  await server.ensureTable(table('word'))
  await expect(server.ensureTable(table('word', 'year'))).rejects.toThrow(
    'Table words exists with the keys table (word S HASH); the template wants table (word S HASH, year S RANGE).',
  )
  await expect(
    server.ensureTable({
      ...table('word'),
      AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'N' }],
    }),
  ).rejects.toThrow('the template wants table (word N HASH)')
  const indexed = (name: string, type: 'ALL' | 'KEYS_ONLY'): TableDefinition => ({
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
  await server.ensureTable(indexed('by-word', 'KEYS_ONLY'))
  await server.ensureTable(indexed('by-word', 'KEYS_ONLY'))
  await expect(server.ensureTable(indexed('by-word', 'ALL'))).rejects.toThrow(
    'exists with the keys global by-word (word S HASH) KEYS_ONLY, table (word S HASH)',
  )
  await server.close()
})

test('says that a folder is damaged, and leaves it as it is', async () => {
  const folder = temporaryFolder()
  const server = await startDynamodb(folder, 'us-east-1')
  await server.ensureTable(table('word'))
  await server.close()
  const log = readdirSync(folder).find((name) => name.endsWith('.log')) ?? ''
  const bytes = readFileSync(join(folder, log))
  const flipped = Buffer.from(bytes)
  flipped.writeUInt8((flipped.at(40) ?? 0) ^ 1, 40)
  writeFileSync(join(folder, log), flipped)
  await expect(startDynamodb(folder, 'us-east-1')).rejects.toThrow(`${log} is damaged (a checksum is wrong)`)
  expect(readFileSync(join(folder, log))).toEqual(flipped)

  writeFileSync(join(folder, log), bytes)
  const current = readFileSync(join(folder, 'CURRENT'))
  rmSync(join(folder, 'CURRENT'))
  await expect(startDynamodb(folder, 'us-east-1')).rejects.toThrow(
    `${folder} is damaged (its file CURRENT is missing)`,
  )
  writeFileSync(join(folder, 'CURRENT'), 'garbage')
  await expect(startDynamodb(folder, 'us-east-1')).rejects.toThrow(
    `${folder} is damaged (LevelDB cannot open it: `,
  )

  writeFileSync(join(folder, 'CURRENT'), current)
  const again = await startDynamodb(folder, 'us-east-1')
  expect(await again.hasTable('words')).toBe(true)
  await again.close()
})

test('opens what a crash in the middle of a write has left', async () => {
  const folder = temporaryFolder()
  const server = await startDynamodb(folder, 'us-east-1')
  await server.ensureTable(table('word'))
  await server.close()
  const log = join(folder, readdirSync(folder).find((name) => name.endsWith('.log')) ?? '')
  // Checksum, 512 bytes to come, a whole record; and only one byte of it has come.
  const begun = Buffer.from('11223344000201aa', 'hex')
  writeFileSync(log, Buffer.concat([readFileSync(log), begun]))
  const again = await startDynamodb(folder, 'us-east-1')
  expect(await again.hasTable('words')).toBe(true)
  await again.close()
})

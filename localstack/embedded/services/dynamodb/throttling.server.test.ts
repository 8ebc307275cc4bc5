import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../testing/helpers.ts'
import { startDynamodb } from './dynamodb.ts'

/** A table `words`, and a client; `throttles` is asked for each request, key or statement. */
async function tableWith(throttles: () => boolean, maxAttempts = 1): Promise<DynamoDBClient> {
  const server = await startDynamodb(temporaryFolder(), 'us-east-1', throttles)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new DynamoDBClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts,
  })
  onTestFinished(async () => {
    client.destroy()
    await server.close()
  })
  server.ensureTable({
    TableName: 'words',
    AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
  })
  return client
}

/** True each second time. */
function eachSecond(): () => boolean {
  let asked = 0
  return () => asked++ % 2 === 1
}

const get = new GetItemCommand({ TableName: 'words', Key: { word: { S: 'a' } } })

test('a throttled request is refused with an error that the client tries again', async () => {
  const refusing = await tableWith(() => true)
  await expect(refusing.send(get)).rejects.toThrow(ProvisionedThroughputExceededException)
  let asked = 0
  const once = await tableWith(() => asked++ === 0, 2)
  expect(await once.send(get)).toMatchObject({ $metadata: { attempts: 2 } })
})

test('of a batch of keys those that are throttled come back as unprocessed', async () => {
  const client = await tableWith(eachSecond())
  const Keys = ['a', 'b', 'c', 'd'].map((word) => ({ word: { S: word } }))
  const { UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({ RequestItems: { words: { Keys } } }),
  )
  expect(UnprocessedKeys?.['words']?.Keys).toEqual([{ word: { S: 'b' } }, { word: { S: 'd' } }])
})

test('of a batch of statements those that are throttled fail by themselves', async () => {
  const client = await tableWith(eachSecond())
  const Statements = ['a', 'b', 'c'].map((word) => ({
    Statement: `INSERT INTO words VALUE {'word': '${word}'}`,
  }))
  const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements }))
  expect(Responses.map(({ Error }) => Error?.Code)).toEqual([
    undefined,
    'ProvisionedThroughputExceeded',
    undefined,
  ])
})

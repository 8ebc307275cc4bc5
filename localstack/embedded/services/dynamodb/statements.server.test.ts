import {
  type BatchStatementResponse,
  BatchExecuteStatementCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDynamodb } from './dynamodb.ts'
import { temporaryFolder } from '../../testing/helpers.ts'

let client: DynamoDBClient
let close: () => Promise<void>

beforeEach(async () => {
  const server = await startDynamodb(temporaryFolder(), 'us-east-1')
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const { endpoint } = server
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  close = server.close
  server.ensureTable({
    TableName: 'words',
    AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
  })
})

afterEach(async () => {
  client.destroy()
  await close()
})

const one = { word: { S: 'one' }, version: { N: '1' } }

async function batch(
  ...statements: readonly (readonly [string, ...string[]])[]
): Promise<readonly BatchStatementResponse[]> {
  const { Responses = [] } = await client.send(
    new BatchExecuteStatementCommand({
      Statements: statements.map(([Statement, ...values]) => ({
        Statement,
        ...(values.length > 0 && {
          Parameters: values.map((value) => (/^\d+$/.test(value) ? { N: value } : { S: value })),
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })),
    }),
  )
  return Responses
}

const INSERT = `INSERT INTO "words" VALUE {'word': ?, 'version': ?}`
const UPDATE = 'UPDATE "words" SET version = ? WHERE word = ? AND version = ?'

describe('statements in a batch', () => {
  test('succeed and fail each by itself', async () => {
    await client.send(new PutItemCommand({ TableName: 'words', Item: one }))
    const responses = await batch(
      [INSERT, 'two', '7'],
      [UPDATE, '2', 'one', '1'],
      [UPDATE, '2', 'three', '1'],
      ['UPDATE "words" SET version = version + 1 REMOVE note WHERE word = ?', 'four'],
      ['UPDATE words SET nonsense'],
      ['DELETE FROM "no-such-table" WHERE word = ?', 'five'],
    )
    expect(responses.map(({ Error: error }) => error?.Code)).toEqual([
      undefined,
      undefined,
      'ConditionalCheckFailed',
      'ConditionalCheckFailed',
      'ValidationError',
      'ResourceNotFound',
    ])
    const { Items } = await client.send(new ScanCommand({ TableName: 'words' }))
    expect(Items).toHaveLength(2)
    expect(Items).toContainEqual({ word: { S: 'one' }, version: { N: '2' } })
    expect(Items).toContainEqual({ word: { S: 'two' }, version: { N: '7' } })
  })

  test('show the item that a refused one met', async () => {
    await client.send(new PutItemCommand({ TableName: 'words', Item: one }))
    const [inserted] = await batch([INSERT, 'one', '7'])
    expect(inserted?.Error).toEqual({
      Code: 'DuplicateItem',
      Message: 'Duplicate primary key exists in table',
      Item: one,
    })
    const [updated] = await batch([UPDATE, '8', 'one', '3'])
    expect(updated?.Error).toEqual({
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      Item: one,
    })
  })

  test('read items by their keys', async () => {
    await client.send(new PutItemCommand({ TableName: 'words', Item: one }))
    const responses = await batch(
      ['SELECT * FROM words WHERE word = ?', 'one'],
      ["SELECT version FROM words WHERE word = 'one' AND version > 0"],
      ['SELECT * FROM words WHERE word = ?', 'two'],
      ['SELECT * FROM words WHERE version = ?', '1'],
    )
    expect(responses.map(({ Item }) => Item)).toEqual([one, { version: { N: '1' } }, undefined, undefined])
    expect(responses[3]?.Error?.Message).toContain('mandatory equality on all key attributes: word')
  })

  test.for([
    [
      'reads beside writes',
      [
        [INSERT, 'two', '7'],
        ['SELECT * FROM words WHERE word = ?', 'one'],
      ],
      'either only reads or only writes',
    ],
    [
      'two writes of one item',
      [
        [INSERT, 'two', '7'],
        [UPDATE, '2', 'two', '7'],
      ],
      'several statements for one item',
    ],
    [
      'more than 25',
      Array.from({ length: 26 }, (_, index) => [INSERT, `word ${index}`, '1'] as const),
      'Statements',
    ],
  ] satisfies [string, (readonly [string, ...string[]])[], string][])(
    'are refused as a whole: %s',
    async ([, statements, message]) => {
      await expect(batch(...statements)).rejects.toThrow(message)
      expect((await client.send(new ScanCommand({ TableName: 'words' }))).Count).toBe(0)
    },
  )
})

test('a statement by itself writes and reads', async () => {
  const run = (Statement: string) => client.send(new ExecuteStatementCommand({ Statement }))
  await run(`INSERT INTO words VALUE {'word': 'it''s', 'list': [1, -2.5, TRUE, NULL], 'map': {'a': 'b'}}`)
  expect((await run(`SELECT * FROM words WHERE word = 'it''s'`)).Items).toEqual([
    {
      word: { S: "it's" },
      list: { L: [{ N: '1' }, { N: '-2.5' }, { BOOL: true }, { NULL: true }] },
      map: { M: { a: { S: 'b' } } },
    },
  ])
  await run(`UPDATE words SET list[0] = 2 SET map.a = 'c' REMOVE list[1] WHERE word = 'it''s'`)
  expect((await run(`SELECT list, map.a FROM words WHERE word = 'it''s'`)).Items).toEqual([
    { list: { L: [{ N: '2' }, { BOOL: true }, { NULL: true }] }, map: { M: { a: { S: 'c' } } } },
  ])
  await run(`DELETE FROM words WHERE word = 'it''s'`)
  await expect(run(`DELETE FROM words WHERE word = 'it''s'`)).rejects.toThrow(
    'The conditional request failed',
  )
  await expect(run(`SELECT * FROM words WHERE word = ?`)).rejects.toThrow('Number of parameters')
  await expect(run(`DROP TABLE words`)).rejects.toThrow('Syntax error; token: "DROP"')
})

describe('a transaction', () => {
  test('writes all or nothing, and says why not', async () => {
    const put = (word: string) => ({
      Put: {
        TableName: 'words',
        Item: { word: { S: word } },
        ConditionExpression: 'attribute_not_exists(word)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      },
    })
    await client.send(new TransactWriteItemsCommand({ TransactItems: [put('one'), put('two')] }))
    const again = client.send(new TransactWriteItemsCommand({ TransactItems: [put('three'), put('two')] }))
    const error = await again.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TransactionCanceledException)
    expect(error instanceof TransactionCanceledException && error.CancellationReasons).toEqual([
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { word: { S: 'two' } },
      },
    ])
    const read = await client.send(
      new TransactGetItemsCommand({
        TransactItems: ['one', 'two', 'three'].map((word) => ({
          Get: { TableName: 'words', Key: { word: { S: word } } },
        })),
      }),
    )
    expect(read.Responses?.map(({ Item }) => Item)).toEqual([
      { word: { S: 'one' } },
      { word: { S: 'two' } },
      undefined,
    ])
  })

  test('that is sent again has no effect again', async () => {
    const send = (ClientRequestToken: string, by: string) =>
      client.send(
        new TransactWriteItemsCommand({
          ClientRequestToken,
          TransactItems: [
            {
              Update: {
                TableName: 'words',
                Key: { word: { S: 'one' } },
                UpdateExpression: 'ADD version :by',
                ExpressionAttributeValues: { ':by': { N: by } },
              },
            },
          ],
        }),
      )
    await send('first', '1')
    await send('first', '1')
    await send('second', '1')
    await expect(send('second', '2')).rejects.toThrow('the token of an earlier one')
    expect((await client.send(new ScanCommand({ TableName: 'words' }))).Items).toEqual([
      { word: { S: 'one' }, version: { N: '2' } },
    ])
  })
})

describe('a request', () => {
  test.for([
    ['a reserved word', { UpdateExpression: 'SET year = :v' }, 'reserved keyword: year'],
    [
      'a value that is not used',
      { ConditionExpression: 'attribute_exists(word)' },
      'unused in expressions: keys: {:v}',
    ],
    ['a name that is not defined', { UpdateExpression: 'SET #y = :v' }, 'attribute name: #y'],
  ] as const)('is refused for %s', async ([, expressions, message]) => {
    const put = new PutItemCommand({
      TableName: 'words',
      Item: one,
      ConditionExpression: '',
      ExpressionAttributeValues: { ':v': { N: '1' } },
    })
    Object.assign(
      put.input,
      'UpdateExpression' in expressions
        ? { ConditionExpression: expressions.UpdateExpression.replace('SET ', '') }
        : expressions,
    )
    await expect(client.send(put)).rejects.toThrow(message)
  })

  test.for([
    ['text', { S: '' }],
    ['binary', { B: new Uint8Array(0) }],
  ] as const)('counts an empty %s as of the size 0', async ([, empty]) => {
    await client.send(new PutItemCommand({ TableName: 'words', Item: { ...one, blank: empty } }))
    const replaced = new PutItemCommand({
      TableName: 'words',
      Item: one,
      ConditionExpression: 'size(blank) = :none',
      ExpressionAttributeValues: { ':none': { N: '0' } },
    })
    await expect(client.send(replaced)).resolves.toBeDefined()
    await expect(client.send(replaced)).rejects.toThrow('The conditional request failed')
  })

  test.for([
    ['equal maps', 'held = :v', { M: { a: { L: [] } } }, { M: { a: { L: [] } } }],
    [
      'equal lists',
      'held = :v',
      { L: [{ N: '1' }, { BOOL: false }] },
      { L: [{ N: '1.0' }, { BOOL: false }] },
    ],
    ['a flag among values', 'held IN (:v)', { BOOL: false }, { BOOL: false }],
    ['an empty text among values', 'held IN (:v)', { S: '' }, { S: '' }],
    ['a flag in a list', 'contains(held, :v)', { L: [{ BOOL: false }] }, { BOOL: false }],
    ['a map in a list', 'contains(held, :v)', { L: [{ M: { a: { S: '' } } }] }, { M: { a: { S: '' } } }],
  ] as const)('finds %s', async ([, condition, held, sought]) => {
    const put = (value: unknown, ConditionExpression?: string) => {
      const command = new PutItemCommand({ TableName: 'words', Item: one })
      Object.assign(command.input, { Item: { ...one, held: value } })
      if (ConditionExpression !== undefined)
        Object.assign(command.input, { ConditionExpression, ExpressionAttributeValues: { ':v': sought } })
      return client.send(command)
    }
    await put(held)
    await expect(put({ S: 'other' }, condition)).resolves.toBeDefined()
    await expect(put({ S: 'other' }, condition)).rejects.toThrow('The conditional request failed')
  })

  test('is refused where a sum has more digits than a number may have', async () => {
    const add = (N: string) =>
      client.send(
        new UpdateItemCommand({
          TableName: 'words',
          Key: { word: { S: 'one' } },
          UpdateExpression: 'ADD summed :n',
          ExpressionAttributeValues: { ':n': { N } },
        }),
      )
    await add('1e38')
    await expect(add('0.5')).rejects.toThrow('38 significant digits')
    await add('1e37')
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'words', Key: { word: { S: 'one' } } }),
    )
    expect(Item?.['summed']).toEqual({ N: `11${'0'.repeat(37)}` })
  })

  test('is refused where a member would have no effect', async () => {
    const get = new GetItemCommand({
      TableName: 'words',
      Key: { word: { S: 'one' } },
      AttributesToGet: ['word'],
    })
    await expect(client.send(get)).rejects.toThrow('AttributesToGet')
  })
})

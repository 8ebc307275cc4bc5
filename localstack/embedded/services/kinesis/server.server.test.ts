import {
  CreateStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type KinesisServer, startKinesisServer } from './server.ts'
import { kinesisClient } from '../../testing/kinesis-client.ts'

const shardId = 'shardId-000000000000'
let folder: string
let server: KinesisServer
let client: KinesisClient
let clock = Date.parse('2026-01-05T14:30:00Z')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-server-'))
  server = await startKinesisServer({
    folder,
    now: () => clock,
    throttle: ({ data }) => Buffer.from(data).toString() === 'too fast',
  })
  client = kinesisClient(server.endpoint)
  await client.send(new CreateStreamCommand({ StreamName: 'ticks', ShardCount: 2 }))
})
afterEach(async () => {
  client.destroy()
  await server.close()
  rmSync(folder, { recursive: true })
})

async function post(target: string, body: string) {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
    body,
  })
  return { status: answer.status, body: await answer.json() }
}

async function iteratorAt(position: 'TRIM_HORIZON' | 'LATEST') {
  const request = { StreamName: 'ticks', ShardId: shardId, ShardIteratorType: position }
  return (await client.send(new GetShardIteratorCommand(request))).ShardIterator
}

test('halves the key space exactly, as AWS does', async () => {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 'ticks' }))
  expect(StreamDescription?.Shards?.map((shard) => shard.HashKeyRange)).toEqual([
    { StartingHashKey: '0', EndingHashKey: '170141183460469231731687303715884105727' },
    {
      StartingHashKey: '170141183460469231731687303715884105728',
      EndingHashKey: '340282366920938463463374607431768211455',
    },
  ])
})

test('closes a split shard above its last record, and ends reading it with its children', async () => {
  const put = { StreamName: 'ticks', PartitionKey: 'a', Data: Buffer.from('x') }
  const { SequenceNumber } = await client.send(new PutRecordCommand(put))
  server.store.splitShard('ticks', shardId, 2n ** 126n)
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 'ticks' }))
  const ending = StreamDescription?.Shards?.[0]?.SequenceNumberRange?.EndingSequenceNumber
  expect(BigInt(ending ?? 0)).toBeGreaterThan(BigInt(SequenceNumber ?? ''))
  const ShardIterator = await iteratorAt('TRIM_HORIZON')
  const page = await client.send(new GetRecordsCommand({ ShardIterator }))
  expect(page.NextShardIterator).toBeUndefined()
  expect(page.ChildShards?.map((child) => [child.ShardId, child.ParentShards])).toEqual([
    ['shardId-000000000002', [shardId]],
    ['shardId-000000000003', [shardId]],
  ])
})

test('refuses throttled entries one by one, with an error that the client retries', async () => {
  const Records = ['one', 'too fast', 'three'].map((text) => ({
    PartitionKey: 'a',
    Data: Buffer.from(text),
  }))
  const answer = await client.send(new PutRecordsCommand({ StreamName: 'ticks', Records }))
  expect(answer.FailedRecordCount).toBe(1)
  expect(answer.Records?.map((record) => record.ErrorCode)).toEqual([
    undefined,
    'ProvisionedThroughputExceededException',
    undefined,
  ])
  const read = server.store.read('ticks', shardId, { afterSequenceNumber: undefined, limit: 10 })
  expect(read.map((record) => Buffer.from(record.data).toString())).toEqual(['one', 'three'])
})

test('says how far a reader is behind', async () => {
  const put = (text: string) =>
    client.send(new PutRecordCommand({ StreamName: 'ticks', PartitionKey: 'a', Data: Buffer.from(text) }))
  await put('one')
  await put('two')
  clock += 5_000
  const ShardIterator = await iteratorAt('TRIM_HORIZON')
  const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }))
  expect(page.MillisBehindLatest).toBe(5_000)
})

test('refuses an iterator after five minutes, and text that is none', async () => {
  const ShardIterator = await iteratorAt('LATEST')
  clock += 300_001
  const late = client.send(new GetRecordsCommand({ ShardIterator }))
  await expect(late).rejects.toMatchObject({ name: 'ExpiredIteratorException' })
  const strange = client.send(new GetRecordsCommand({ ShardIterator: 'nonsense' }))
  await expect(strange).rejects.toMatchObject({ name: 'InvalidArgumentException' })
})

test('keeps a page of records below 10 MiB', async () => {
  for (let index = 0; index < 12; index++) {
    const Data = Buffer.alloc(1024 * 1024 - 1)
    await client.send(new PutRecordCommand({ StreamName: 'ticks', PartitionKey: 'a', Data }))
  }
  const ShardIterator = await iteratorAt('TRIM_HORIZON')
  const page = await client.send(new GetRecordsCommand({ ShardIterator }))
  expect(page.Records).toHaveLength(10)
})

test('refuses a record above 1 MiB with its key, a put above 5 MiB, and one of 501 records', async () => {
  const PartitionKey = 'a'
  const entry = { PartitionKey, Data: Buffer.alloc(1024 * 1024) }
  const tooLarge = client.send(new PutRecordCommand({ StreamName: 'ticks', ...entry }))
  await expect(tooLarge).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('at most 1048576 bytes'),
  })
  const Records = Array.from({ length: 6 }, () => ({ PartitionKey, Data: Buffer.alloc(900_000) }))
  const tooMany = client.send(new PutRecordsCommand({ StreamName: 'ticks', Records }))
  await expect(tooMany).rejects.toMatchObject({ name: 'InvalidArgumentException' })
  const tiny = Array.from({ length: 501 }, () => ({ PartitionKey, Data: Buffer.from('x') }))
  const tooLong = client.send(new PutRecordsCommand({ StreamName: 'ticks', Records: tiny }))
  await expect(tooLong).rejects.toMatchObject({ name: 'ValidationException' })
})

test('names an operation that it does not know', async () => {
  expect(await post('Kinesis_20131202.EnableEnhancedMonitoring', '{}')).toEqual({
    status: 400,
    body: {
      __type: 'UnknownOperationException',
      message: expect.stringContaining('operation EnableEnhancedMonitoring'),
    },
  })
})

test.each([
  ['a body that is not JSON', 'PutRecord', '{', 'SerializationException', 'not JSON'],
  [
    'data that is not base64',
    'PutRecord',
    '{"StreamName":"ticks","PartitionKey":"a","Data":"%"}',
    'ValidationException',
    'Data',
  ],
  ['a missing key', 'PutRecord', '{"StreamName":"ticks","Data":""}', 'ValidationException', 'PartitionKey'],
  ['a stream without name', 'DescribeStream', '{}', 'InvalidArgumentException', 'StreamName'],
])('refuses %s', async (_, operation, body, type, part) => {
  const answer = await post(`Kinesis_20131202.${operation}`, body)
  expect(answer).toEqual({ status: 400, body: { __type: type, message: expect.stringContaining(part) } })
})

test('says which port is taken', async () => {
  const port = Number(new URL(server.endpoint).port)
  const other = mkdtempSync(join(tmpdir(), 'kinesis-server-'))
  await expect(startKinesisServer({ folder: other, port })).rejects.toThrow(`Port ${port} is in use`)
  rmSync(other, { recursive: true })
})

test('says that another process or server uses the folder', async () => {
  await expect(startKinesisServer({ folder })).rejects.toThrow('another process is using it')
})

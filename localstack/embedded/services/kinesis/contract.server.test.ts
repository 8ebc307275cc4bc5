import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startKinesisServer } from './server.ts'
import { kinesisClient, readShard, textOf, untilActive, waitFor } from '../../testing/kinesis-client.ts'
import { startKinesisLocal } from '../../testing/kinesis-local.ts'

async function startEmbedded() {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-contract-'))
  const server = await startKinesisServer({ folder })
  return {
    endpoint: server.endpoint,
    close: async () => {
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const servers = [
  { name: 'the embedded Kinesis', start: startEmbedded },
  { name: 'kinesis-local', start: startKinesisLocal },
]

const first = 'shardId-000000000000'
const second = 'shardId-000000000001'
const middle = (2n ** 127n).toString()
const largest = (2n ** 128n - 1n).toString()
function bytes(text: string) {
  return Buffer.from(text)
}

describe.each(servers)('$name', ({ start }) => {
  let server: { readonly endpoint: string; close(): Promise<void> }
  let client: KinesisClient
  let made = 0

  const newStream = async (shardCount: number): Promise<string> => {
    const name = `stream-${++made}`
    await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shardCount }))
    await untilActive(client, name)
    return name
  }
  const put = (stream: string, key: string, data: string) =>
    client.send(new PutRecordCommand({ StreamName: stream, PartitionKey: key, Data: bytes(data) }))
  const shardsOf = async (stream: string) => {
    await untilActive(client, stream)
    const answer = await client.send(new ListShardsCommand({ StreamName: stream }))
    return (answer.Shards ?? []).toSorted((a, b) => (String(a.ShardId) < String(b.ShardId) ? -1 : 1))
  }
  const readFrom = async (iterator: ConstructorParameters<typeof GetShardIteratorCommand>[0]) => {
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(iterator))
    return client.send(new GetRecordsCommand({ ShardIterator }))
  }

  beforeAll(async () => {
    server = await start()
    client = kinesisClient(server.endpoint)
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  test('describes a new stream, its shards covering all hash keys', async () => {
    const stream = await newStream(2)
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: stream }))
    expect(StreamDescription).toMatchObject({
      StreamName: stream,
      StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
      RetentionPeriodHours: 24,
      HasMoreShards: false,
    })
    expect(StreamDescription?.StreamCreationTimestamp).toBeInstanceOf(Date)
    const shards = StreamDescription?.Shards ?? []
    expect(shards.map((shard) => shard.ShardId)).toEqual([first, second])
    expect(shards[0]?.HashKeyRange?.StartingHashKey).toBe('0')
    expect(shards[1]?.HashKeyRange?.EndingHashKey).toBe(largest)
    expect(BigInt(shards[1]?.HashKeyRange?.StartingHashKey ?? 0)).toBe(
      BigInt(shards[0]?.HashKeyRange?.EndingHashKey ?? 0) + 1n,
    )
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
    expect(summary.StreamDescriptionSummary).toMatchObject({ OpenShardCount: 2, StreamStatus: 'ACTIVE' })
  })

  test('lists streams, and forgets a deleted one', async () => {
    const stream = await newStream(1)
    expect((await client.send(new ListStreamsCommand({}))).StreamNames).toContain(stream)
    await client.send(new DeleteStreamCommand({ StreamName: stream }))
    await waitFor(`${stream} is gone`, async () => {
      const { StreamNames } = await client.send(new ListStreamsCommand({}))
      return StreamNames?.includes(stream) === false || undefined
    })
  })

  test('refuses a stream that exists, and one that does not', async () => {
    const stream = await newStream(1)
    const again = client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: 1 }))
    await expect(again).rejects.toMatchObject({ name: 'ResourceInUseException' })
    const address = { StreamName: 'missing', ShardId: first, ShardIteratorType: 'LATEST' } as const
    const calls = [
      put('missing', 'a', 'a'),
      client.send(new DescribeStreamCommand({ StreamName: 'missing' })),
      client.send(new ListShardsCommand({ StreamName: 'missing' })),
      client.send(new GetShardIteratorCommand(address)),
    ]
    for (const answer of await Promise.allSettled(calls)) {
      expect(answer).toMatchObject({ reason: { name: 'ResourceNotFoundException' } })
    }
  })

  test('gives a record back as it was put, by name and by ARN', async () => {
    const stream = await newStream(1)
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`
    const before = Date.now()
    const answer = await client.send(
      new PutRecordCommand({ StreamARN, PartitionKey: 'clé', Data: Uint8Array.of(0, 255, 128) }),
    )
    expect(answer).toMatchObject({ ShardId: first, SequenceNumber: expect.stringMatching(/^49\d{54}$/) })
    const { Records, MillisBehindLatest } = await readFrom({
      StreamARN,
      ShardId: first,
      ShardIteratorType: 'TRIM_HORIZON',
    })
    expect(Records).toHaveLength(1)
    expect(Records?.[0]).toMatchObject({ SequenceNumber: answer.SequenceNumber, PartitionKey: 'clé' })
    expect(Records?.[0]?.Data).toEqual(Uint8Array.of(0, 255, 128))
    expect(Math.abs(Number(Records?.[0]?.ApproximateArrivalTimestamp) - before)).toBeLessThan(10_000)
    expect(MillisBehindLatest).toBe(0)
  })

  test('chooses the shard by the MD5 of the key, or by the explicit hash key', async () => {
    const stream = await newStream(2)
    // MD5: a 0cc1…, b 92eb…, c 4a8a…, d 8277…
    const { Records, FailedRecordCount } = await client.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: [
          ...['a', 'b', 'c', 'd'].map((key) => ({ PartitionKey: key, Data: bytes(key) })),
          { PartitionKey: 'a', ExplicitHashKey: largest, Data: bytes('e') },
          { PartitionKey: 'b', ExplicitHashKey: '0', Data: bytes('f') },
        ],
      }),
    )
    expect(FailedRecordCount).toBe(0)
    expect(Records?.map((record) => record.ShardId)).toEqual([first, second, first, second, second, first])
    const inFirst = await readShard(client, { stream, shardId: first })
    const inSecond = await readShard(client, { stream, shardId: second })
    expect([inFirst.map(textOf), inSecond.map(textOf)]).toEqual([
      ['a', 'c', 'f'],
      ['b', 'd', 'e'],
    ])
  })

  test('reads in order, page by page, with rising sequence numbers', async () => {
    const stream = await newStream(1)
    const texts = Array.from({ length: 40 }, (_, index) => `record ${index}`)
    for (const part of [texts.slice(0, 25), texts.slice(25)]) {
      const Records = part.map((text) => ({ PartitionKey: text, Data: bytes(text) }))
      await client.send(new PutRecordsCommand({ StreamName: stream, Records }))
    }
    const records = await readShard(client, { stream, shardId: first }, 7)
    expect(records.map(textOf)).toEqual(texts)
    const numbers = records.map((record) => BigInt(record.SequenceNumber ?? ''))
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(new Set(numbers).size).toBe(40)
  })

  test('starts at, after, and from the latest record', async () => {
    const stream = await newStream(1)
    const shard = { StreamName: stream, ShardId: first }
    await put(stream, 'k', 'one')
    const two = await put(stream, 'k', 'two')
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'LATEST' }),
    )
    await put(stream, 'k', 'three')
    const StartingSequenceNumber = two.SequenceNumber
    const at = await readFrom({ ...shard, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber })
    const after = await readFrom({
      ...shard,
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber,
    })
    const latest = await client.send(new GetRecordsCommand({ ShardIterator }))
    expect([at, after, latest].map((answer) => answer.Records?.map(textOf))).toEqual([
      ['two', 'three'],
      ['three'],
      ['three'],
    ])
  })

  test('starts at a time', async () => {
    const stream = await newStream(1)
    await put(stream, 'k', 'one')
    const early = Date.now() - 1
    const between = await waitFor('the clock moves on', () =>
      Date.now() > early + 20 ? Date.now() : undefined,
    )
    await waitFor('the clock moves on', () => (Date.now() > between + 20 ? true : undefined))
    await put(stream, 'k', 'two')
    const { Records } = await readFrom({
      StreamName: stream,
      ShardId: first,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Date(between),
    })
    expect(Records?.map(textOf)).toEqual(['two'])
  })

  test('splits a shard: the parent ends, its children go on', async () => {
    const stream = await newStream(1)
    const before = await put(stream, 'a', 'before')
    await client.send(
      new SplitShardCommand({ StreamName: stream, ShardToSplit: first, NewStartingHashKey: middle }),
    )
    const shards = await shardsOf(stream)
    expect(shards.map((shard) => [shard.ParentShardId, shard.HashKeyRange?.StartingHashKey])).toEqual([
      [undefined, '0'],
      [first, '0'],
      [first, middle],
    ])
    expect(shards.map((shard) => shard.SequenceNumberRange?.EndingSequenceNumber)).toEqual([
      expect.stringMatching(/^\d+$/),
      undefined,
      undefined,
    ])
    const after = await put(stream, 'a', 'after')
    expect(after.ShardId).toBe(second)
    expect(BigInt(after.SequenceNumber ?? '')).toBeGreaterThan(BigInt(before.SequenceNumber ?? ''))
    expect((await readShard(client, { stream, shardId: first })).map(textOf)).toEqual(['before'])
  })

  test('merges two shards into one', async () => {
    const stream = await newStream(2)
    const before = await put(stream, 'b', 'before')
    await client.send(
      new MergeShardsCommand({ StreamName: stream, ShardToMerge: first, AdjacentShardToMerge: second }),
    )
    const child = (await shardsOf(stream)).at(-1)
    expect(child).toMatchObject({
      ParentShardId: first,
      AdjacentParentShardId: second,
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: largest },
    })
    const after = await put(stream, 'b', 'after')
    expect(after.ShardId).toBe(child?.ShardId)
    expect(BigInt(after.SequenceNumber ?? '')).toBeGreaterThan(BigInt(before.SequenceNumber ?? ''))
  })

  test('refuses to merge shards that do not touch, and to split outside a shard', async () => {
    const stream = await newStream(3)
    const merge = new MergeShardsCommand({
      StreamName: stream,
      ShardToMerge: first,
      AdjacentShardToMerge: 'shardId-000000000002',
    })
    await expect(client.send(merge)).rejects.toMatchObject({ name: 'InvalidArgumentException' })
    const split = new SplitShardCommand({
      StreamName: stream,
      ShardToSplit: first,
      NewStartingHashKey: largest,
    })
    await expect(client.send(split)).rejects.toMatchObject({ name: 'InvalidArgumentException' })
  })

  test('scales to a number of open shards', async () => {
    const stream = await newStream(2)
    const answer = await client.send(
      new UpdateShardCountCommand({
        StreamName: stream,
        TargetShardCount: 3,
        ScalingType: 'UNIFORM_SCALING',
      }),
    )
    expect(answer).toMatchObject({ CurrentShardCount: 2, TargetShardCount: 3 })
    const open = await waitFor('three open shards', async () => {
      const shards = (await shardsOf(stream)).filter(
        (shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
      )
      return shards.length === 3 ? shards : undefined
    })
    const size = (range: (typeof open)[number]['HashKeyRange']) =>
      BigInt(range?.EndingHashKey ?? 0) - BigInt(range?.StartingHashKey ?? 0) + 1n
    expect(open.reduce((sum, shard) => sum + size(shard.HashKeyRange), 0n)).toBe(2n ** 128n)
  })

  test('changes the retention, upwards and downwards', async () => {
    const stream = await newStream(1)
    const hours = async () =>
      (await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))).StreamDescriptionSummary
        ?.RetentionPeriodHours
    await client.send(
      new IncreaseStreamRetentionPeriodCommand({ StreamName: stream, RetentionPeriodHours: 48 }),
    )
    expect(await hours()).toBe(48)
    await client.send(
      new DecreaseStreamRetentionPeriodCommand({ StreamName: stream, RetentionPeriodHours: 36 }),
    )
    expect(await hours()).toBe(36)
  })

  test('refuses a key of 257 characters', async () => {
    const stream = await newStream(1)
    await expect(put(stream, 'k'.repeat(257), 'x')).rejects.toMatchObject({
      name: expect.stringMatching(/^(ValidationException|InvalidArgumentException)$/),
    })
    expect(await readShard(client, { stream, shardId: first })).toEqual([])
  })
})

import {
  CreateStreamCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis'
import { startKinesisServer } from 'embedded-aws/services'
import { kinesisClient, untilActive } from 'embedded-aws/testing'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { tailStream } from '../../../../bin/stage/follow/tail-stream.ts'

let folder: string
let server: Awaited<ReturnType<typeof startKinesisServer>>
let client: KinesisClient
let told: string[]

beforeEach(async () => {
  told = []
  folder = mkdtempSync(join(tmpdir(), 'tail-'))
  server = await startKinesisServer({ folder })
  client = kinesisClient(server.endpoint)
  await client.send(new CreateStreamCommand({ StreamName: 'ticks', ShardCount: 2 }))
  await untilActive(client, 'ticks')
})
afterEach(async () => {
  client.destroy()
  await server.close()
  rmSync(folder, { recursive: true })
})

async function put(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++)
    await client.send(
      new PutRecordCommand({
        StreamName: 'ticks',
        Data: Buffer.from(String(number)),
        PartitionKey: `key ${number}`,
      }),
    )
}

async function split(): Promise<void> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: 'ticks' }))
  const [first] = Shards
  await client.send(
    new SplitShardCommand({
      StreamName: 'ticks',
      ShardToSplit: first?.ShardId,
      NewStartingHashKey: String(BigInt(first?.HashKeyRange?.EndingHashKey ?? 0) / 2n),
    }),
  )
  await untilActive(client, 'ticks')
}

/** All of the stream, looked at again and again, as told otherwise. */
const tailOf = (others: Partial<Parameters<typeof tailStream>[1]>) =>
  tailStream(client, {
    stream: 'ticks',
    startOf: () => ({ ShardIteratorType: 'TRIM_HORIZON' }),
    signal: new AbortController().signal,
    everyMs: 5,
    onTrouble: (text) => told.push(text),
    ...others,
  })

describe('the tail of a stream', () => {
  it('has each record once, of shards that are split meanwhile too, and ends when it is told to', async () => {
    await put(0, 20)
    const stopped = new AbortController()
    const numbers: number[] = []
    const moments: number[] = []
    const tail = tailOf({ signal: stopped.signal })
    let phase = 0
    for await (const { records, readTo } of tail) {
      for (const { kinesis } of records) numbers.push(Number(Buffer.from(kinesis.data, 'base64').toString()))
      if (readTo !== undefined) moments.push(readTo)
      if (phase === 0 && numbers.length === 20) {
        phase = 1
        await split()
        await put(20, 40)
      }
      if (numbers.length >= 40) stopped.abort()
    }
    expect(numbers.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    )
    expect(moments).toEqual(moments.toSorted((one, other) => one - other))
  })

  it('says a time before which nothing is to come', async () => {
    await put(0, 1)
    const stopped = new AbortController()
    let read = 0
    let seen = 0
    const tail = tailOf({ signal: stopped.signal })
    for await (const { records, readTo } of tail) {
      for (const { kinesis } of records)
        expect(Math.round(kinesis.approximateArrivalTimestamp * 1000)).toBeGreaterThanOrEqual(
          Math.floor(read),
        )
      seen += records.length
      read = readTo ?? read
      if (seen < 30) await put(seen, seen + 1)
      else stopped.abort()
    }
    expect(read).toBeGreaterThan(0)
  })

  it('tells when nothing answers, and gives up after ten minutes', async () => {
    await put(0, 1)
    const tail = tailOf({
      everyMs: 1000,
      // A second of this clock is a millisecond.
      elapsed: () => performance.now() * 1000,
    })
    const read = async () => {
      for await (const { records } of tail) if (records.length > 0) await server.close()
    }
    await expect(read()).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/)
    server = await startKinesisServer({ folder })
    expect(told.length).toBe(2)
    for (const text of told)
      expect(text).toMatch(/^shardId-\d+ cannot be read \(.+\): no bar closes meanwhile/)
  })
})

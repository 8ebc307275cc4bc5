import { GetRecordsCommand, GetShardIteratorCommand, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kinesisClient } from '../../testing/kinesis-client.ts'
import { startKinesisServer } from './server.ts'

const minuteMs = 60_000
const shard = { StreamName: 'ticks', ShardId: 'shardId-000000000000' }

async function openServer() {
  const begin = Date.parse('2026-01-05T14:30:00Z')
  const folder = mkdtempSync(join(tmpdir(), 'stream-clock-'))
  const server = await startKinesisServer({ folder, now: () => begin })
  const client = kinesisClient(server.endpoint)
  onTestFinished(async () => {
    client.destroy()
    await server.close()
    rmSync(folder, { recursive: true })
  })
  server.store.createStream({ name: 'ticks', shardCount: 1, retentionHours: 24 })
  return {
    begin,
    setClock: (aheadMs: number) => server.store.setClock(aheadMs),
    put: (text: string) =>
      client.send(new PutRecordCommand({ StreamName: 'ticks', PartitionKey: 'a', Data: Buffer.from(text) })),
    iteratorAt: async (time: number) => {
      const asked = { ...shard, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(time) } as const
      return (await client.send(new GetShardIteratorCommand(asked))).ShardIterator
    },
    read: async (ShardIterator: string | undefined, Limit?: number) => {
      const { Records = [], MillisBehindLatest } = await client.send(
        new GetRecordsCommand({ ShardIterator, Limit }),
      )
      return {
        texts: Records.map(({ Data = [] }) => Buffer.from(Data).toString()),
        times: Records.map(({ ApproximateArrivalTimestamp: at }) => at?.getTime() ?? Number.NaN),
        behindMs: MillisBehindLatest,
      }
    },
  }
}

test('records arrive by the clock of the streams, whatever it was before, and are found by its time', async () => {
  const { begin, setClock, put, iteratorAt, read } = await openServer()
  setClock(2 * minuteMs)
  await put('ahead')
  setClock(-minuteMs)
  await put('behind')
  setClock(0)
  await put('right')
  const all = await read(await iteratorAt(begin - minuteMs))
  expect(all.texts).toEqual(['ahead', 'behind', 'right'])
  expect(all.times.map((time) => time - begin)).toEqual([2 * minuteMs, -minuteMs, 0])
  setClock(10 * minuteMs)
  expect((await read(await iteratorAt(begin + 1))).texts).toEqual(['ahead', 'behind', 'right'])
  expect((await read(await iteratorAt(begin + 2 * minuteMs + 1))).texts).toEqual([])
})

test('a reader is as far behind as the clock says, and never ahead of it', async () => {
  const { begin, setClock, put, iteratorAt, read } = await openServer()
  await put('one')
  await put('two')
  const iterator = await iteratorAt(begin)
  setClock(minuteMs)
  expect((await read(iterator, 1)).behindMs).toBe(minuteMs)
  setClock(-minuteMs)
  expect((await read(iterator, 1)).behindMs).toBe(0)
})

test('an iterator expires by that clock, and no time to come is found', async () => {
  const { begin, setClock, put, iteratorAt, read } = await openServer()
  await put('one')
  const iterator = await iteratorAt(begin)
  setClock(6 * minuteMs)
  await expect(read(iterator)).rejects.toMatchObject({ name: 'ExpiredIteratorException' })
  setClock(-minuteMs)
  await expect(iteratorAt(begin)).rejects.toMatchObject({ name: 'InvalidArgumentException' })
  expect((await read(iterator)).texts).toEqual(['one'])
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startKinesisServer } from 'embedded-aws/services'
import { expect, it } from 'vitest'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import type { PutRecord } from '../../feed/kinesis-port.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { publisherContract, tick } from './publisher-contract.ts'
import { withoutDuplicates } from './stream-harness.ts'
import type { StreamHarness } from './stream-harness.ts'

Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })

publisherContract('the embedded Kinesis server', startServer)

it('goes on when the server comes back, and loses nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'tickstock-publisher-'))
  const first = await startKinesisServer({ folder })
  first.store.createStream({ name: 'ticks', shardCount: 1, retentionHours: 24 })
  const client = createKinesisClient({ AWS_ENDPOINT_URL_KINESIS: first.endpoint })
  const trouble = Promise.withResolvers<void>()
  const publisher = createPublisher({
    kinesis: kinesisPort(client),
    stream: 'ticks',
    source: 'test',
    random: () => 0.01,
    onStatus: (status) => (status.type === 'retrying' ? trouble.resolve() : undefined),
  })
  await publisher.publish(tick('A', { price: '1' }))
  await publisher.flush()
  await first.close()
  await publisher.publish(tick('A', { price: '2' }))
  await trouble.promise
  await publisher.publish(tick('A', { price: '3' }))
  const second = await startKinesisServer({ folder, port: Number(new URL(first.endpoint).port) })
  await publisher.close()
  const [shard] = second.store.listShards('ticks')
  const from = { afterSequenceNumber: undefined, limit: 10 }
  const records = withoutDuplicates(second.store.read('ticks', shard?.shardId ?? '', from))
  expect(records.flatMap((record) => record.ticks.map(({ price }) => price))).toEqual(['1', '2', '3'])
  client.destroy()
  await second.close()
  await rm(folder, { recursive: true })
})

async function startServer(): Promise<StreamHarness> {
  const stream = 'ticks'
  const folder = await mkdtemp(path.join(tmpdir(), 'tickstock-publisher-'))
  let throttled: ((record: PutRecord) => boolean) | undefined
  const server = await startKinesisServer({ folder, throttle: (record) => throttled?.(record) ?? false })
  server.store.createStream({ name: stream, shardCount: 2, retentionHours: 24 })
  const client = createKinesisClient({ AWS_ENDPOINT_URL_KINESIS: server.endpoint })
  return {
    kinesis: kinesisPort(client),
    stream,
    throttle: (fails) => {
      throttled = fails
    },
    read: () =>
      server.store
        .listShards(stream)
        .flatMap(({ shardId }) =>
          server.store.read(stream, shardId, { afterSequenceNumber: undefined, limit: 10_000 }),
        ),
    stop: async () => {
      client.destroy()
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

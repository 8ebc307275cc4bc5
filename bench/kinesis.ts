import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateStreamCommand, type KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { startKinesisServer } from 'embedded-aws/services'
import { kinesisClient, startKinesisLocal, untilActive } from 'embedded-aws/testing'

import { fastest, type Figure } from './measure.ts'

const StreamName = 'bench'
const PUTS = 200
const ROUNDS = 5

/** One record put after the other, to the embedded Kinesis and to kinesis-local. */
export async function benchKinesis(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const embedded = await startKinesisServer({ folder })
  const local = await startKinesisLocal()
  const clients = { embedded: kinesisClient(embedded.endpoint), local: kinesisClient(local.endpoint) }
  try {
    for (const client of Object.values(clients)) {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
      await untilActive(client, StreamName)
    }
    const best = await fastest(
      { embedded: () => putAll(clients.embedded), local: () => putAll(clients.local) },
      ROUNDS,
    )
    const [ours = Number.NaN, theirs = Number.NaN] = [best['embedded'], best['local']].map(
      (milliseconds) => (milliseconds ?? Number.NaN) / PUTS,
    )
    return [
      { name: 'put of one record, embedded Kinesis', value: ours, unit: 'ms' },
      { name: 'put of one record, kinesis-local', value: theirs, unit: 'ms' },
      { name: 'kinesis-local / embedded Kinesis', value: theirs / ours, unit: 'x' },
    ]
  } finally {
    for (const client of Object.values(clients)) client.destroy()
    await local.close()
    await embedded.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function putAll(client: KinesisClient): Promise<void> {
  const Data = Buffer.from('{"symbol":"AAPL","price":150.25,"volume":100,"timestamp":1760106735.123}')
  for (let put = 0; put < PUTS; put++)
    await client.send(new PutRecordCommand({ StreamName, PartitionKey: 'AAPL', Data }))
}

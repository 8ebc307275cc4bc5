import { DescribeStreamSummaryCommand, KinesisClient, type _Record } from '@aws-sdk/client-kinesis'
import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { setTimeout as delay } from 'node:timers/promises'

export function kinesisClient(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  })
}

/** Asks until the answer is there; throws after 20 s with what was awaited. */
export async function waitFor<Value>(
  what: string,
  ask: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const value = await ask()
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error(`Timed out after 20 s: ${what}`)
    await delay(5)
  }
}

export function untilActive(client: KinesisClient, stream: string): Promise<true> {
  return waitFor(`stream ${stream} is active`, async () => {
    const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
    return answer.StreamDescriptionSummary?.StreamStatus === 'ACTIVE' || undefined
  })
}

/** All records of a shard, read in pages of `limit`. */
export async function readShard(
  client: KinesisClient,
  shard: { readonly stream: string; readonly shardId: string },
  limit = 1_000,
): Promise<readonly _Record[]> {
  const first = await client.send(
    new GetShardIteratorCommand({
      StreamName: shard.stream,
      ShardId: shard.shardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  )
  const records: _Record[] = []
  let iterator = first.ShardIterator
  while (iterator !== undefined) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }))
    records.push(...(page.Records ?? []))
    if (page.Records?.length === 0 && page.MillisBehindLatest === 0) break
    iterator = page.NextShardIterator
  }
  return records
}

export function textOf(record: { readonly Data?: Uint8Array | undefined }): string {
  return Buffer.from(record.Data ?? []).toString()
}

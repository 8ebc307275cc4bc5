import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import type { KinesisStreamRecord } from 'aws-lambda'

import { LIMITS, limitedHttp } from '../../functions/shared/runtime/limited-http.ts'
import { clientOptions } from './client-options.ts'
import type { DeployedStage } from './find-deployment.ts'

/** Most records of a shard in one answer. */
export const LIMIT = 10_000

/**
 * The records that a stream still has from a time on (Unix milliseconds), as functions get them: shard by shard, parents
 * before their children, in the batches in which Kinesis gives them.
 */
export async function* readStream(
  { environment }: DeployedStage,
  stream: string,
  from: number,
): AsyncGenerator<readonly KinesisStreamRecord[]> {
  const client = streamClient(environment)
  for (const shard of await shardsOf(client, stream)) yield* readShard(client, { stream, shard, from })
}

export function streamClient(environment: NodeJS.ProcessEnv): KinesisClient {
  return new KinesisClient({
    ...clientOptions('KINESIS', environment),
    requestHandler: limitedHttp(LIMITS.kinesis),
  })
}

/** All shards, parents before their children. */
export async function shardsOf(client: KinesisClient, stream: string): Promise<string[]> {
  const shards: string[] = []
  for (let next: string | undefined; ;) {
    const page = await client.send(
      new ListShardsCommand(next === undefined ? { StreamName: stream } : { NextToken: next }),
    )
    shards.push(...(page.Shards ?? []).map(({ ShardId }) => ShardId ?? ''))
    next = page.NextToken
    if (next === undefined) return shards
  }
}

async function* readShard(
  client: KinesisClient,
  { stream, shard, from }: { readonly stream: string; readonly shard: string; readonly from: number },
): AsyncGenerator<readonly KinesisStreamRecord[]> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: shard,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Date(from),
    }),
  )
  let iterator = ShardIterator
  while (iterator !== undefined) {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: LIMIT }))
    const records = (answer.Records ?? []).map((record) => asEvent(record, { stream, shard }))
    if (records.length > 0) yield records
    // Nothing behind this answer, or a shard that is closed and read.
    iterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator
  }
}

/** A record as functions get it. */
export function asEvent(
  { Data, PartitionKey = '', SequenceNumber = '', ApproximateArrivalTimestamp }: _Record,
  { stream, shard }: { readonly stream: string; readonly shard: string },
): KinesisStreamRecord {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: PartitionKey,
      sequenceNumber: SequenceNumber,
      data: Buffer.from(Data ?? []).toString('base64'),
      approximateArrivalTimestamp: (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
    },
    eventID: `${shard}:${SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: `arn:aws:kinesis:::stream/${stream}`,
    eventVersion: '1.0',
    awsRegion: '',
    invokeIdentityArn: '',
  }
}

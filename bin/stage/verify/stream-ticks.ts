import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { KinesisStreamRecord } from 'aws-lambda'

import {
  type AllowsNonPositive,
  createTickParser,
  groupTrades,
} from '../../../functions/aggregator/decode.ts'
import { placesOf } from '../../../functions/aggregator/sent-trades.ts'
import { countOf, type TradeRun } from '../../../functions/domain/trade.ts'
import { parseBatch } from '../../../functions/shared/streams/consume.ts'
import { clientOptions } from '../client-options.ts'
import type { DeployedStage } from '../find-deployment.ts'

/** Most records of a shard in one answer. */
const LIMIT = 10_000

/** A record of a stream, with the place of each of its ticks among all that it holds: some may be unreadable. */
export type StreamRun = TradeRun & { readonly places: readonly number[] }

/** The ticks that a stream still has from a time on (Unix milliseconds), by symbol, in the order of their shard. */
export async function readTicks(
  { environment }: DeployedStage,
  stream: string,
  { from, allowsNonPositive }: { readonly from: number; readonly allowsNonPositive: AllowsNonPositive },
): Promise<Map<string, StreamRun[]>> {
  const client = new KinesisClient({
    ...clientOptions('KINESIS', environment),
    requestHandler: new NodeHttpHandler(),
  })
  const runs = new Map<string, StreamRun[]>()
  for (const shard of await shardsOf(client, stream))
    for await (const run of readShard(client, { stream, shard, from, allowsNonPositive })) {
      const others = runs.get(run.symbol)
      if (others === undefined) runs.set(run.symbol, [run])
      else others.push(run)
    }
  return runs
}

/** All shards, parents before their children. */
async function shardsOf(client: KinesisClient, stream: string): Promise<string[]> {
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
  {
    stream,
    shard,
    from,
    allowsNonPositive,
  }: {
    readonly stream: string
    readonly shard: string
    readonly from: number
    readonly allowsNonPositive: AllowsNonPositive
  },
): AsyncGenerator<StreamRun & { readonly symbol: string }> {
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
    for (const record of answer.Records ?? []) yield* runsOf(asEvent(record, shard), allowsNonPositive)
    // Nothing behind this answer, or a shard that is closed and read.
    iterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator
  }
}

/** The record as the aggregator gets it. */
function asEvent(
  { Data, PartitionKey = '', SequenceNumber = '', ApproximateArrivalTimestamp }: _Record,
  shard: string,
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
    eventSourceARN: '',
    eventVersion: '1.0',
    awsRegion: '',
    invokeIdentityArn: '',
  }
}

function* runsOf(
  record: KinesisStreamRecord,
  allowsNonPositive: AllowsNonPositive,
): Generator<StreamRun & { readonly symbol: string }> {
  const parsed = parseBatch([record], createTickParser([record], allowsNonPositive)).readable
  const items = parsed.map(({ item }) => item)
  for (const [symbol, runs] of groupTrades(parsed).runs) {
    const places = placesOf(items, symbol)
    for (const run of runs) {
      const from = run.skipped ?? 0
      yield { ...run, symbol, places: places.slice(from, from + countOf(run.trades)) }
    }
  }
}

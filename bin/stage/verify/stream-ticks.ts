import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'

import { parseTicks } from '../../../functions/aggregator/parse-ticks.ts'
import type { TradeRun } from '../../../functions/domain/trade.ts'
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
  from: number,
): Promise<Map<string, StreamRun[]>> {
  const client = new KinesisClient({
    ...clientOptions('KINESIS', environment),
    requestHandler: new NodeHttpHandler(),
  })
  const runs = new Map<string, StreamRun[]>()
  for (const shard of await shardsOf(client, stream))
    for await (const run of readShard(client, { stream, shard, from })) {
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
  { stream, shard, from }: { readonly stream: string; readonly shard: string; readonly from: number },
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
    for (const {
      Data,
      PartitionKey = '',
      SequenceNumber = '',
      ApproximateArrivalTimestamp,
    } of answer.Records ?? []) {
      const arrivedAt = ApproximateArrivalTimestamp?.getTime() ?? 0
      const text = Buffer.from(Data ?? []).toString('utf8')
      const { symbol, trades, producer, rejections } = parseTicks(text, {
        partitionKey: PartitionKey,
        arrivedAt,
      })
      if (trades.length === 0) continue
      const places = placesOf(trades.length, new Set(rejections.map(({ index }) => index)))
      yield { symbol, sequenceNumber: SequenceNumber, arrivedAt, producer, trades, places }
    }
    // Nothing behind this answer, or a shard that is closed and read.
    iterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator
  }
}

/** The places of the accepted ticks in their record, between those that were refused. */
function placesOf(count: number, refused: ReadonlySet<number | undefined>): number[] {
  const places: number[] = []
  for (let place = 0; places.length < count; place++) if (!refused.has(place)) places.push(place)
  return places
}

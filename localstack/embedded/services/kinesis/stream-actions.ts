import * as z from 'zod'
import { action, addressed, type Action } from './action.ts'
import { KinesisError } from './errors.ts'
import { hashKey, shardId, streamAddress, streamName, toSeconds } from './fields.ts'
import { limits } from './limits.ts'
import { requireWithinReach } from './resharding.ts'
import { toWireShard } from './shard-actions.ts'
import type { StreamDescription } from './stream-store.ts'

const shardCount = z.int().min(1).max(limits.shards)
const mode = z.enum(['PROVISIONED', 'ON_DEMAND'])

const createStream = action(
  z.object({
    StreamName: streamName,
    ShardCount: shardCount.optional(),
    StreamModeDetails: z.object({ StreamMode: mode }).optional(),
  }),
  ({ store }, { StreamName, ShardCount, StreamModeDetails }) => {
    const streamMode = StreamModeDetails?.StreamMode ?? 'PROVISIONED'
    if (streamMode === 'PROVISIONED' && ShardCount === undefined) {
      throw new KinesisError('ValidationException', `ShardCount is required to create ${StreamName}.`)
    }
    store.createStream({
      name: StreamName,
      shardCount: ShardCount ?? limits.onDemandShards,
      retentionHours: limits.retentionHours.min,
      mode: streamMode,
    })
  },
)

const deleteStream = action(z.object(streamAddress), ({ store }, request) =>
  store.deleteStream(addressed(request)),
)

function described(stream: StreamDescription) {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: toSeconds(stream.createdAt),
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  }
}

const describeStream = action(
  z.object({
    ...streamAddress,
    Limit: z.int().min(1).max(limits.describeShards).default(100),
    ExclusiveStartShardId: shardId.optional(),
  }),
  ({ store }, request) => {
    const stream = store.describe(addressed(request))
    const start = request.ExclusiveStartShardId ?? ''
    const rest = stream.shards.filter((shard) => shard.shardId > start)
    return {
      StreamDescription: {
        ...described(stream),
        Shards: rest.slice(0, request.Limit).map(toWireShard),
        HasMoreShards: rest.length > request.Limit,
      },
    }
  },
)

const describeStreamSummary = action(z.object(streamAddress), ({ store }, request) => {
  const stream = store.describe(addressed(request))
  const open = stream.shards.filter((shard) => shard.closedAt === undefined)
  return {
    StreamDescriptionSummary: { ...described(stream), OpenShardCount: open.length, ConsumerCount: 0 },
  }
})

const listStreams = action(
  z.object({
    Limit: z.int().min(1).max(10_000).default(100),
    ExclusiveStartStreamName: streamName.optional(),
    NextToken: streamName.optional(),
  }),
  ({ store }, { Limit, ExclusiveStartStreamName, NextToken }) => {
    const start = NextToken ?? ExclusiveStartStreamName ?? ''
    const rest = store.listStreams().filter((name) => name > start)
    const page = rest.slice(0, Limit)
    const more = rest.length > page.length
    return {
      StreamNames: page,
      StreamSummaries: page.map((name) => {
        const { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp } = described(
          store.describe(name),
        )
        return { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp }
      }),
      HasMoreStreams: more,
      ...(more && { NextToken: page.at(-1) }),
    }
  },
)

const splitShard = action(
  z.object({ ...streamAddress, ShardToSplit: shardId, NewStartingHashKey: hashKey }),
  ({ store }, request) =>
    store.splitShard(addressed(request), request.ShardToSplit, request.NewStartingHashKey),
)

const mergeShards = action(
  z.object({ ...streamAddress, ShardToMerge: shardId, AdjacentShardToMerge: shardId }),
  ({ store }, request) =>
    store.mergeShards(addressed(request), request.ShardToMerge, request.AdjacentShardToMerge),
)

const updateShardCount = action(
  z.object({ ...streamAddress, TargetShardCount: shardCount, ScalingType: z.literal('UNIFORM_SCALING') }),
  ({ store }, request) => {
    const name = addressed(request)
    const { arn, shards } = store.describe(name)
    const current = shards.filter((shard) => shard.closedAt === undefined).length
    const target = request.TargetShardCount
    requireWithinReach(name, { open: current, wanted: target })
    store.updateShardCount(name, target)
    return { StreamName: name, CurrentShardCount: current, TargetShardCount: target, StreamARN: arn }
  },
)

function changeRetention(direction: 'increase' | 'decrease'): Action {
  return action(z.object({ ...streamAddress, RetentionPeriodHours: z.int() }), ({ store }, request) => {
    const name = addressed(request)
    const hours = request.RetentionPeriodHours
    const current = store.describe(name).retentionHours
    const { min, max } = limits.retentionHours
    const wrongWay = direction === 'increase' ? hours < current : hours > current
    if (hours < min || hours > max || wrongWay) {
      throw new KinesisError(
        'InvalidArgumentException',
        `Cannot ${direction} the retention of stream ${name} from ${current} to ${hours} hours: ` +
          `give a number from ${min} to ${max} on the right side of the current one.`,
      )
    }
    store.setRetention(name, hours)
  })
}

export const streamActions = {
  CreateStream: createStream,
  DeleteStream: deleteStream,
  DescribeStream: describeStream,
  DescribeStreamSummary: describeStreamSummary,
  ListStreams: listStreams,
  SplitShard: splitShard,
  MergeShards: mergeShards,
  UpdateShardCount: updateShardCount,
  IncreaseStreamRetentionPeriod: changeRetention('increase'),
  DecreaseStreamRetentionPeriod: changeRetention('decrease'),
} satisfies Record<string, Action>

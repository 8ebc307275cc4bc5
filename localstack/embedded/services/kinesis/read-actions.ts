import * as z from 'zod'
import { action, addressed, type Action, type ActionContext } from './action.ts'
import { KinesisError } from './errors.ts'
import { shardId, streamAddress, timestamp, toSeconds } from './fields.ts'
import { limits } from './limits.ts'
import { decodeShardIterator, encodeShardIterator } from './shard-iterator.ts'
import { positionOf, sequenceNumberAt, shardNumberOf } from './sequence-number.ts'
import { toWireRange } from './shard-actions.ts'
import type { StreamDescription } from './stream-store.ts'

const iteratorRequest = z.object({
  ...streamAddress,
  ShardId: shardId,
  ShardIteratorType: z.enum([
    'AT_SEQUENCE_NUMBER',
    'AFTER_SEQUENCE_NUMBER',
    'TRIM_HORIZON',
    'LATEST',
    'AT_TIMESTAMP',
  ]),
  StartingSequenceNumber: z.string().optional(),
  Timestamp: timestamp.optional(),
})

const getShardIterator = action(iteratorRequest, ({ store }, request) => {
  const stream = store.describe(addressed(request))
  const shard = stream.shards.find((candidate) => candidate.shardId === request.ShardId)
  if (shard === undefined) {
    throw new KinesisError(
      'ResourceNotFoundException',
      `Shard ${request.ShardId} in stream ${stream.name} does not exist.`,
    )
  }
  const iterator = encodeShardIterator({
    stream: stream.name,
    streamCreatedAt: stream.createdAt,
    shardId: shard.shardId,
    afterSequenceNumber: startingPoint(store, stream.name, request),
    issuedAt: store.now(),
  })
  return { ShardIterator: iterator }
})

function startingPoint(
  store: ActionContext['store'],
  stream: string,
  request: z.output<typeof iteratorRequest>,
): string | null {
  const required = <Value>(value: Value | undefined, name: string): Value => {
    if (value !== undefined) return value
    throw new KinesisError(
      'InvalidArgumentException',
      `Must specify ${name} when ShardIteratorType is ${request.ShardIteratorType}.`,
    )
  }
  const { ShardId, ShardIteratorType } = request
  switch (ShardIteratorType) {
    case 'TRIM_HORIZON':
      return null
    case 'LATEST':
      return store.latest(stream, ShardId)
    case 'AT_TIMESTAMP': {
      const time = required(request.Timestamp, 'Timestamp')
      if (time <= store.now()) return store.positionAt(stream, ShardId, time)
      throw new KinesisError(
        'InvalidArgumentException',
        `The Timestamp ${new Date(time).toISOString()} is in the future: give one up to now.`,
      )
    }
    case 'AFTER_SEQUENCE_NUMBER':
    case 'AT_SEQUENCE_NUMBER':
      break
  }
  const shardNumber = shardNumberOf(ShardId)
  const position = positionOf(required(request.StartingSequenceNumber, 'StartingSequenceNumber'), shardNumber)
  return sequenceNumberAt(ShardIteratorType === 'AT_SEQUENCE_NUMBER' ? position - 1 : position, shardNumber)
}

const getRecords = action(
  z.object({
    ShardIterator: z.string().min(1),
    Limit: z.int().min(1).max(limits.getRecords).default(limits.getRecords),
    StreamARN: streamAddress.StreamARN,
  }),
  ({ store }, { ShardIterator, Limit }) => {
    const now = store.now()
    const iterator = decodeShardIterator(ShardIterator, now)
    const stream = store.describe(iterator.stream)
    const shard = stream.shards.find((candidate) => candidate.shardId === iterator.shardId)
    if (stream.createdAt !== iterator.streamCreatedAt || shard === undefined) {
      throw new KinesisError(
        'ResourceNotFoundException',
        `Shard ${iterator.shardId} in stream ${iterator.stream} no longer exists: get a new iterator.`,
      )
    }
    const position = iterator.afterSequenceNumber ?? undefined
    const records = store.read(iterator.stream, iterator.shardId, {
      afterSequenceNumber: position,
      limit: Limit,
    })
    const afterSequenceNumber = records.at(-1)?.sequenceNumber ?? position
    const rest = store.backlog(iterator.stream, iterator.shardId, afterSequenceNumber)
    const atEnd = shard.closedAt !== undefined && rest.records === 0
    const next = { ...iterator, afterSequenceNumber: afterSequenceNumber ?? null, issuedAt: now }
    return {
      Records: records.map((record) => ({
        SequenceNumber: record.sequenceNumber,
        ApproximateArrivalTimestamp: toSeconds(record.arrivedAt),
        Data: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString(
          'base64',
        ),
        PartitionKey: record.partitionKey,
        EncryptionType: 'NONE',
      })),
      MillisBehindLatest: rest.oldestAt === undefined ? 0 : Math.max(0, now - rest.oldestAt),
      ...(atEnd
        ? { ChildShards: childrenOf(stream, iterator.shardId) }
        : { NextShardIterator: encodeShardIterator(next) }),
    }
  },
)

function childrenOf(stream: StreamDescription, parent: string) {
  return stream.shards
    .filter((shard) => shard.parentShardIds.includes(parent))
    .map((shard) => ({
      ShardId: shard.shardId,
      ParentShards: shard.parentShardIds,
      HashKeyRange: toWireRange(shard),
    }))
}

export const readActions = {
  GetShardIterator: getShardIterator,
  GetRecords: getRecords,
} satisfies Record<string, Action>

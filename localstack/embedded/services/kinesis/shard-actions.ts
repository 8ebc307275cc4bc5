import * as z from 'zod'
import { action, addressed, type Action } from './action.ts'
import { KinesisError } from './errors.ts'
import { shardId, streamAddress, timestamp } from './fields.ts'
import { limits } from './limits.ts'
import type { ShardDescription, StreamDescription } from './stream-store.ts'

/** A shard as the API describes it. */
export function toWireShard(shard: ShardDescription) {
  const [parent, adjacent] = shard.parentShardIds
  return {
    ShardId: shard.shardId,
    ...(parent !== undefined && { ParentShardId: parent }),
    ...(adjacent !== undefined && { AdjacentParentShardId: adjacent }),
    HashKeyRange: toWireRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(shard.endingSequenceNumber !== undefined && { EndingSequenceNumber: shard.endingSequenceNumber }),
    },
  }
}

export function toWireRange({ range }: ShardDescription) {
  return {
    StartingHashKey: String(range.start),
    EndingHashKey: String(range.end),
  }
}

const shardFilter = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('AFTER_SHARD_ID'), ShardId: shardId }),
  z.object({ Type: z.literal('AT_LATEST') }),
  z.object({ Type: z.literal('AT_TRIM_HORIZON') }),
  z.object({ Type: z.literal('FROM_TRIM_HORIZON') }),
  z.object({ Type: z.literal('AT_TIMESTAMP'), Timestamp: timestamp }),
  z.object({ Type: z.literal('FROM_TIMESTAMP'), Timestamp: timestamp }),
])

type ShardFilter = z.output<typeof shardFilter>

const pageToken = z.tuple([z.string(), z.string(), z.number(), shardFilter.nullable()])

const listShards = action(
  z.object({
    ...streamAddress,
    NextToken: z.string().min(1).optional(),
    ExclusiveStartShardId: shardId.optional(),
    MaxResults: z.int().min(1).max(limits.listShards).default(1_000),
    ShardFilter: shardFilter.optional(),
  }),
  ({ store }, request) => {
    const now = store.now()
    const page =
      request.NextToken === undefined
        ? {
            name: addressed(request),
            start: request.ExclusiveStartShardId ?? '',
            filter: request.ShardFilter ?? null,
          }
        : decodePageToken(request.NextToken, now)
    const { name, start, filter } = page
    const stream = store.describe(name)
    const rest = stream.shards.filter(
      (shard) => shard.shardId > start && (filter === null || matches(shard, filter, stream, now)),
    )
    const shown = rest.slice(0, request.MaxResults)
    const last = shown.at(-1)
    const token = JSON.stringify([name, last?.shardId ?? '', now, wireFilter(filter)])
    return {
      Shards: shown.map(toWireShard),
      ...(rest.length > shown.length && { NextToken: Buffer.from(token).toString('base64') }),
    }
  },
)

function matches(
  shard: ShardDescription,
  filter: ShardFilter,
  stream: StreamDescription,
  now: number,
): boolean {
  const openAt = (time: number) =>
    shard.createdAt <= time && (shard.closedAt === undefined || shard.closedAt > time)
  const openFrom = (time: number) => shard.closedAt === undefined || shard.closedAt >= time
  const horizon = Math.max(stream.createdAt, now - stream.retentionHours * 3_600_000)
  switch (filter.Type) {
    case 'AFTER_SHARD_ID':
      return shard.shardId > filter.ShardId
    case 'AT_LATEST':
      return shard.closedAt === undefined
    case 'AT_TRIM_HORIZON':
      return openAt(horizon)
    case 'FROM_TRIM_HORIZON':
      return openFrom(horizon)
    case 'AT_TIMESTAMP':
      return openAt(Math.max(horizon, filter.Timestamp))
    case 'FROM_TIMESTAMP':
      break
  }
  return openFrom(filter.Timestamp)
}

/** A page token goes through the same schema again, where times are seconds. */
function wireFilter(filter: ShardFilter | null) {
  return filter && 'Timestamp' in filter ? { ...filter, Timestamp: filter.Timestamp / 1_000 } : filter
}

function decodePageToken(text: string, now: number) {
  const refuse = (type: 'InvalidArgumentException' | 'ExpiredNextTokenException') =>
    new KinesisError(
      type,
      `NextToken ${text} is invalid or older than five minutes: list from the beginning.`,
    )
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(text, 'base64').toString())
  } catch {
    throw refuse('InvalidArgumentException')
  }
  const parsed = pageToken.safeParse(json)
  if (!parsed.success) throw refuse('InvalidArgumentException')
  const [name, start, issuedAt, filter] = parsed.data
  if (now - issuedAt > limits.iteratorLifetime) throw refuse('ExpiredNextTokenException')
  return { name, start, filter }
}

export const shardActions = { ListShards: listShards } satisfies Record<string, Action>

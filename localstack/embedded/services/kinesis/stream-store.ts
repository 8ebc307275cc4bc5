import type { StoredRecord } from './stream-reader.ts'
import { firstRead, openDatabase, transaction, unusable } from '../../storage/database.ts'
import { KinesisError } from './errors.ts'
import { covers, evenRanges, hashKeyOf } from './hash-key.ts'
import { limits } from './limits.ts'
import { planMerge, planShardCount, planSplit, requireWithinReach, type Reshard } from './resharding.ts'
import { positionOf, sequenceNumberAt } from './sequence-number.ts'
import { catalogSchema, openStreamCatalog, type CatalogShard, type CatalogStream } from './stream-catalog.ts'
import type { DeclaredStream, NewStream, ShardDescription, StreamStore } from './stream-types.ts'
import { createWakeUp, type WakeUp } from './wake-up.ts'

export type * from './stream-types.ts'

const hour = 3_600_000
/** Above what one shard takes in a second, so that a call each second keeps up. */
const trimmedPerCall = 2_000

/**
 * Opens the streams in a folder.
 * @throws StartError when another process uses the folder, or it holds something else.
 */
export function openStreamStore(options: {
  readonly folder: string
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number
  /** @default 'us-east-1' */
  readonly region?: string
  /** @default '000000000000' */
  readonly accountId?: string
}): StreamStore {
  const { folder, now: machine = Date.now, region = 'us-east-1', accountId = '000000000000' } = options
  let aheadMs = 0
  const now = (): number => machine() + aheadMs
  const database = openDatabase(folder, 'streams.sqlite', catalogSchema)
  const { catalog, streams } = firstRead(database, () => {
    const opened = openStreamCatalog(database)
    return { catalog: opened, streams: new Map(opened.load().map((stream) => [stream.name, stream])) }
  })
  const wakeUp: WakeUp = createWakeUp()
  const atomically = <Result>(work: () => Result): Result => transaction(database, work)

  const streamOf = (name: string): CatalogStream => {
    const stream = streams.get(name)
    if (stream) return stream
    throw new KinesisError(
      'ResourceNotFoundException',
      `Stream ${name} under account ${accountId} not found.`,
    )
  }
  const shardOf = (stream: CatalogStream, shardId: string): CatalogShard => {
    const shard = stream.shards.find((candidate) => candidate.shardId === shardId)
    if (shard) return shard
    throw new KinesisError(
      'ResourceNotFoundException',
      `Could not find shard ${shardId} in stream ${stream.name} under account ${accountId}.`,
    )
  }

  const createStream = (
    { name, shardCount, retentionHours, mode = 'PROVISIONED' }: NewStream,
    declaredShards?: number,
  ) => {
    if (streams.has(name)) {
      throw new KinesisError(
        'ResourceInUseException',
        `Stream ${name} under account ${accountId} already exists.`,
      )
    }
    const createdAt = now()
    // A stream made anew under an old name goes on above the old one's sequence numbers.
    const startPosition = createdAt * 1_000
    const stream = atomically(() => {
      const made = catalog.addStream({ name, createdAt, mode, retentionHours, declaredShards })
      made.shards = evenRanges(shardCount).map((range) =>
        catalog.addShard(made, { parentShardIds: [], range, startPosition, createdAt }),
      )
      return made
    })
    streams.set(name, stream)
    wakeUp.notify(name)
  }

  const setRetention = (name: string, hours: number) => {
    const stream = streamOf(name)
    catalog.saveRetention(stream, hours)
    stream.retentionHours = hours
  }

  /** One step, within a change of the stream. */
  const reshard = (stream: CatalogStream, { parents, ranges }: Reshard<CatalogShard>) => {
    const at = now()
    const end = { position: Math.max(...parents.map((parent) => parent.log.next())), at }
    const parentShardIds = parents.map((parent) => parent.shardId)
    for (const parent of parents) {
      catalog.saveEnd(parent, end)
      parent.end = end
    }
    const children = ranges.map((range) =>
      catalog.addShard(stream, { parentShardIds, range, startPosition: end.position + 1, createdAt: at }),
    )
    stream.shards = [...stream.shards, ...children]
  }
  const reshardTo = (stream: CatalogStream, count: number) => {
    for (;;) {
      const next = planShardCount(stream.shards, count)
      if (next === undefined) return
      reshard(stream, next)
    }
  }
  /** All of a change or nothing, on disk and in memory. */
  const change = (name: string, work: (draft: CatalogStream) => void) => {
    const stream = streamOf(name)
    const draft = { ...stream, shards: stream.shards.map((shard) => ({ ...shard })) }
    atomically(() => work(draft))
    Object.assign(stream, draft)
    wakeUp.notify(name)
  }

  const redeclare = (stream: CatalogStream, declared: DeclaredStream) => {
    const { name, shardCount, retentionHours, mode = 'PROVISIONED' } = declared
    if (shardCount !== undefined && shardCount !== stream.declaredShards) {
      requireWithinReach(name, { open: openShards(stream).length, wanted: shardCount })
      reshardTo(stream, shardCount)
    }
    catalog.saveRetention(stream, retentionHours)
    catalog.saveMode(stream, mode)
    catalog.saveDeclaredShards(stream, shardCount)
    Object.assign(stream, { retentionHours, mode, declaredShards: shardCount })
  }

  const trimStream = (stream: CatalogStream): number => {
    const horizon = now() - stream.retentionHours * hour
    const due = stream.shards.filter((shard) => (shard.log.oldestArrival() ?? horizon) < horizon)
    const gone = stream.shards.filter((shard) => expired(stream, shard, horizon))
    if (due.length === 0 && gone.length === 0) return 0
    const trimmed = atomically(() => {
      for (const shard of gone) catalog.removeShard(shard)
      return due.reduce((sum, shard) => {
        catalog.saveFloor(shard)
        return sum + shard.log.trim(horizon, trimmedPerCall)
      }, 0)
    })
    stream.shards = stream.shards.filter((shard) => !gone.includes(shard))
    return trimmed
  }

  return {
    createStream,
    ensureStream(stream) {
      const { shardCount } = stream
      if (streams.has(stream.name)) change(stream.name, (existing) => redeclare(existing, stream))
      else createStream({ ...stream, shardCount: shardCount ?? limits.onDemandShards }, shardCount)
    },
    deleteStream(name) {
      const stream = streamOf(name)
      atomically(() => catalog.removeStream(stream))
      streams.delete(name)
      wakeUp.notify(name)
    },
    listStreams: () => [...streams.keys()].toSorted(),
    describe(name) {
      const { createdAt, mode, retentionHours, shards } = streamOf(name)
      const arn = `arn:aws:kinesis:${region}:${accountId}:stream/${name}`
      return { name, arn, createdAt, mode, retentionHours, shards: shards.map(describeShard) }
    },
    putRecords(name, entries) {
      const stream = streamOf(name)
      const open = openShards(stream)
      const arrivedAt = now()
      try {
        return atomically(() =>
          entries.map(({ partitionKey, data, explicitHashKey }) => {
            const shard = shardCovering(open, explicitHashKey ?? hashKeyOf(partitionKey))
            const position = shard.log.append({ partitionKey, arrivedAt, data })
            return { shardId: shard.shardId, sequenceNumber: sequenceNumberAt(position, shard.number) }
          }),
        )
      } catch (error) {
        for (const shard of open) shard.log.reload()
        throw error
      } finally {
        wakeUp.notify(name)
      }
    },
    splitShard(name, shardId, newStartingHashKey) {
      change(name, (stream) => reshard(stream, planSplit(shardOf(stream, shardId), newStartingHashKey)))
    },
    mergeShards(name, shardId, adjacentShardId) {
      change(name, (stream) =>
        reshard(stream, planMerge(shardOf(stream, shardId), shardOf(stream, adjacentShardId))),
      )
    },
    updateShardCount(name, count) {
      change(name, (stream) => reshardTo(stream, count))
    },
    setRetention,
    listShards: (name) =>
      streamOf(name).shards.map(({ shardId, parentShardIds, end }) => ({
        shardId,
        parentShardIds,
        closed: end !== undefined,
      })),
    read(name, shardId, { afterSequenceNumber, limit }) {
      const shard = shardOf(streamOf(name), shardId)
      const maxBytes = limits.getRecordsBytes
      return shard.log
        .read(after(shard, afterSequenceNumber), { limit, maxBytes })
        .map(({ position, partitionKey, data, arrivedAt }): StoredRecord => {
          return { sequenceNumber: sequenceNumberAt(position, shard.number), partitionKey, data, arrivedAt }
        })
    },
    latest(name, shardId) {
      const shard = shardOf(streamOf(name), shardId)
      return sequenceNumberAt(shard.log.next() - 1, shard.number)
    },
    positionAt(name, shardId, time) {
      const shard = shardOf(streamOf(name), shardId)
      return sequenceNumberAt(shard.log.firstArrivedFrom(time) - 1, shard.number)
    },
    backlog(name, shardId, afterSequenceNumber) {
      const shard = shardOf(streamOf(name), shardId)
      return shard.log.backlog(after(shard, afterSequenceNumber))
    },
    subscribe: (name, listener) => wakeUp.subscribe(name, listener),
    trim: () => {
      try {
        return [...streams.values()].reduce((sum, stream) => sum + trimStream(stream), 0)
      } catch (error) {
        throw unusable(database.location() ?? folder, error)
      }
    },
    now,
    setClock(milliseconds) {
      aheadMs = milliseconds
      for (const { shards } of streams.values()) for (const { log } of shards) log.clockWasSet()
    },
    close: () => database.close(),
  }
}

function openShards({ shards }: CatalogStream) {
  return shards.filter((shard) => shard.end === undefined)
}

function shardCovering(open: readonly CatalogShard[], hashKey: bigint): CatalogShard {
  const shard = open.find((candidate) => covers(candidate.range, hashKey))
  if (shard) return shard
  throw new KinesisError(
    'InvalidArgumentException',
    `No open shard takes the hash key ${hashKey}: it lies between 0 and 2^128 - 1.`,
  )
}

function after(shard: CatalogShard, sequenceNumber: string | undefined) {
  return sequenceNumber === undefined ? shard.startPosition : positionOf(sequenceNumber, shard.number)
}

function expired(stream: CatalogStream, shard: CatalogShard, horizon: number) {
  return (
    shard.end !== undefined &&
    shard.end.at < horizon &&
    shard.log.backlog(shard.startPosition).records === 0 &&
    stream.shards.length > 1
  )
}

function describeShard(shard: CatalogShard): ShardDescription {
  return {
    shardId: shard.shardId,
    parentShardIds: shard.parentShardIds,
    range: shard.range,
    startingSequenceNumber: sequenceNumberAt(shard.startPosition, shard.number),
    endingSequenceNumber: shard.end && sequenceNumberAt(shard.end.position, shard.number),
    createdAt: shard.createdAt,
    closedAt: shard.end?.at,
  }
}

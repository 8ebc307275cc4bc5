import type { StreamReader } from './stream-reader.ts'
import type { HashRange } from './hash-key.ts'
import type { StreamMode } from './stream-catalog.ts'

export type PutEntry = {
  readonly partitionKey: string
  readonly data: Uint8Array
  /** Chooses the shard instead of the partition key's MD5. */
  readonly explicitHashKey?: bigint | undefined
}

export type NewStream = {
  readonly name: string
  readonly shardCount: number
  readonly retentionHours: number
  readonly mode?: StreamMode
}

/** A stream as a template declares it. */
export type DeclaredStream = Omit<NewStream, 'shardCount'> & {
  /** @default as many as there are; 4 for a new stream in on-demand mode, which do not grow by themselves */
  readonly shardCount: number | undefined
}

export type ShardDescription = {
  readonly shardId: string
  readonly parentShardIds: readonly string[]
  readonly range: HashRange
  /** All records of the shard have greater sequence numbers. */
  readonly startingSequenceNumber: string
  /** Of a closed shard: all its records have lower sequence numbers. */
  readonly endingSequenceNumber: string | undefined
  /** Unix milliseconds. */
  readonly createdAt: number
  /** Unix milliseconds; `undefined` while the shard is open. */
  readonly closedAt: number | undefined
}

export type StreamDescription = {
  readonly name: string
  readonly arn: string
  /** Unix milliseconds. */
  readonly createdAt: number
  readonly mode: StreamMode
  readonly retentionHours: number
  /** In the order in which they were made. */
  readonly shards: readonly ShardDescription[]
}

/** Streams on this machine's disk: what a put has returned survives a SIGKILL of the process. */
export type StreamStore = StreamReader & {
  /** @throws KinesisError ResourceInUseException when the stream exists. */
  createStream(stream: NewStream): void
  /**
   * Makes the stream as declared. One that exists keeps its records, and what the declaration changed since the last one
   * is updated as CloudFormation does: mode, retention, and the number of shards by splitting and merging. Shards that
   * were split or merged by hand stay while the declaration does.
   * @throws KinesisError when the shards would more than double, or halve.
   */
  ensureStream(stream: DeclaredStream): void
  deleteStream(name: string): void
  /** Names in ascending order. */
  listStreams(): readonly string[]
  describe(name: string): StreamDescription
  /** Appends all entries in one transaction; the results are in the order of the entries. */
  putRecords(
    name: string,
    entries: readonly PutEntry[],
  ): readonly { readonly shardId: string; readonly sequenceNumber: string }[]
  splitShard(name: string, shardId: string, newStartingHashKey: bigint): void
  mergeShards(name: string, shardId: string, adjacentShardId: string): void
  /** Splits and merges until `count` open shards of equal size are left. */
  updateShardCount(name: string, count: number): void
  setRetention(name: string, hours: number): void
  /** The position before the first record that arrived at `time` (Unix milliseconds) or later. */
  positionAt(name: string, shardId: string, time: number): string
  /** How many kept records lie after a sequence number, and when the oldest of them arrived. */
  backlog(
    name: string,
    shardId: string,
    afterSequenceNumber: string | undefined,
  ): { readonly records: number; readonly oldestAt: number | undefined }
  /** Deletes records (a bounded number a call) and closed shards past their retention; returns how many. */
  trim(): number
  /** The store's clock, Unix milliseconds. */
  now(): number
  /** Puts that clock so many milliseconds ahead of the one that it was opened with, or behind by a negative number, at once. */
  setClock(aheadMs: number): void
  close(): void
}

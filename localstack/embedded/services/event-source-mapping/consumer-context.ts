import type { Checkpoints } from './checkpoints.ts'
import type { StoredRecord, StreamReader } from '../kinesis/stream-reader.ts'
import type { Invoke } from '../lambda/invocation.ts'
import type { EventSourceMappingSettings } from './settings.ts'
import type { Signal } from './signal.ts'

/** Takes what an event source mapping discards. */
export type FailureDestination = (object: {
  readonly bucketArn: string
  readonly key: string
  readonly body: string
}) => Promise<void>

/** What a mapping says about its work; a `shardId` is missing where the whole stream is meant. */
export type Log = (entry: {
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly shardId?: string
}) => void

export type Timings = {
  /** Milliseconds to wait before the next attempt, after this many failed ones in a row. */
  readonly backOffMs: (failures: number) => number
  /** Milliseconds after which a sleeping consumer polls without being woken. */
  readonly safetyMs: number
  /** Least milliseconds between two batches of a shard. */
  readonly pollEveryMs: number
  /** How often a shard is looked at that was read to its end; 0: as soon as there are records. */
  readonly restPollMs: number
}

/** What all consumers of one mapping share. */
export type ConsumerContext = {
  readonly uuid: string
  readonly streamName: string
  readonly functionArn: string
  readonly settings: EventSourceMappingSettings
  readonly reader: StreamReader
  readonly checkpoints: Checkpoints
  readonly invoke: Invoke
  readonly onFailure: FailureDestination
  readonly now: () => number
  readonly timings: Timings
  readonly log: Log
  /** Woken by new records, by changed shards and by a stop. */
  readonly signal: Signal
  readonly stopping: () => boolean
}

/** How far one shard is settled: processed or discarded. */
export type Progress = {
  position(): string | undefined
  /** Keeps the last of these records as the checkpoint. */
  settle(records: readonly StoredRecord[]): void
}

/** Waits this long, or less when the mapping is stopped. */
export async function sleep(context: ConsumerContext, milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds
  for (let left = milliseconds; left > 0 && !context.stopping(); left = until - performance.now()) {
    await context.signal.wait(left)
  }
}

/** The shard as it is now, or `undefined` when its stream has forgotten it. */
export function currentShard({ reader, streamName }: ConsumerContext, shardId: string) {
  return reader.listShards(streamName).find((shard) => shard.shardId === shardId)
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

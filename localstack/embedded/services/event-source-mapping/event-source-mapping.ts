import { hash } from 'node:crypto'
import type { Checkpoints } from './checkpoints.ts'
import type { FailureDestination } from './consumer-context.ts'
import type { StreamReader } from '../kinesis/stream-reader.ts'
import type { Invoke } from '../lambda/invocation.ts'
import { reasonOf, type ConsumerContext, type Log, type Timings } from './consumer-context.ts'
import type { EventSourceMappingSettings } from './settings.ts'
import { consumeShard, type ShardConsumer } from './shard-consumer.ts'
import { createSignal } from './signal.ts'

export { openCheckpoints } from './checkpoints.ts'
export { parseEventSourceMappingSettings, type EventSourceMappingSettings } from './settings.ts'

/** A stream that also counts the records after a position. */
export type MeasurableStreamReader = StreamReader & {
  backlog(
    stream: string,
    shardId: string,
    afterSequenceNumber: string | undefined,
  ): { readonly records: number; readonly oldestAt: number | undefined }
}

export type EventSourceMappingOptions = {
  /** Stays the same across restarts; checkpoints are kept under it. */
  readonly name: string
  readonly streamName: string
  readonly streamArn: string
  readonly functionArn: string
  /** The role that events name as the invoker. @default a role named after the mapping */
  readonly invokeIdentityArn?: string
  readonly settings: EventSourceMappingSettings
  readonly reader: MeasurableStreamReader
  readonly checkpoints: Checkpoints
  readonly invoke: Invoke
  readonly onFailure: FailureDestination
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number
  readonly timings?: Partial<Timings>
  readonly log?: Log
}

export type EventSourceMapping = {
  /** Names the mapping in the keys of its on-failure objects; always the same for the same name. */
  readonly uuid: string
  /** Records not yet settled, the age of the oldest of them in milliseconds, and how many were settled since the start. */
  lag(): { readonly records: number; readonly oldestMs: number; readonly settled: number }
  /**
   * Resolves when every shard is consumed to its current end and nothing is in flight; at once when the
   * mapping is disabled. Rejects when it is stopped before.
   */
  idle(): Promise<void>
  /** Finishes the invocations in flight, keeps their checkpoints, then stops. */
  stop(): Promise<void>
}

const defaultTimings: Timings = {
  backOffMs: (failures) => Math.min(10_000, 50 * 2 ** Math.min(failures, 20)),
  safetyMs: 1_000,
  pollEveryMs: 0,
  restPollMs: 0,
}
/** Kept as a checkpoint like those of shards, so that LATEST means the first start only. */
const startedMark = 'started'

/**
 * Feeds the records of a stream to a function as Lambda's event source mapping does: shards in
 * parallel, each strictly in order, children after their parents.
 */
export function startEventSourceMapping(options: EventSourceMappingOptions): EventSourceMapping {
  const { name, streamName, streamArn, settings, reader, checkpoints, now = Date.now } = options
  const uuid = uuidOf(name)
  const account = streamArn.split(':')[4] ?? ''
  const invokeIdentityArn = options.invokeIdentityArn ?? `arn:aws:iam::${account}:role/${name}`
  const log = options.log ?? (() => undefined)
  const signal = createSignal()
  const consumers = new Map<string, ShardConsumer>()
  const ended = new Set<string>()
  const idleWaiters = new Set<PromiseWithResolvers<void>>()
  let stopping = false
  const context: ConsumerContext = {
    ...options,
    uuid,
    now,
    timings: { ...defaultTimings, ...options.timings },
    log,
    signal,
    stopping: () => stopping,
  }

  const backlogOf = (shardId: string) =>
    reader.backlog(streamName, shardId, consumers.get(shardId)?.position() ?? checkpoints.get(uuid, shardId))

  const isIdle = () =>
    reader
      .listShards(streamName)
      .every(
        ({ shardId, closed }) =>
          ended.has(shardId) ||
          (!closed && consumers.get(shardId)?.idle() === true && backlogOf(shardId).records === 0),
      )

  const tellIfIdle = () => {
    if (idleWaiters.size === 0 || !isIdle()) return
    for (const waiter of idleWaiters) waiter.resolve()
    idleWaiters.clear()
  }

  const failIdleWaiters = () => {
    for (const waiter of idleWaiters) waiter.reject(new Error(`${name} was stopped before it was idle.`))
    idleWaiters.clear()
  }

  const start = (shardId: string) => {
    const consumer = consumeShard(
      context,
      { shardId, streamArn, invokeIdentityArn },
      { position: startingPoint(context, shardId), onIdle: tellIfIdle },
    )
    consumers.set(shardId, consumer)
    void whenFinished(consumer)
  }

  const whenFinished = async ({ shardId, finished }: ShardConsumer) => {
    if ((await finished) === 'stopped') return
    ended.add(shardId)
    onChange()
  }

  const discover = () => {
    if (stopping) return
    const shards = reader.listShards(streamName)
    const listed = new Set(shards.map((shard) => shard.shardId))
    for (const { shardId, parentShardIds } of shards) {
      const ready = parentShardIds.every((parent) => ended.has(parent) || !listed.has(parent))
      if (ready && !consumers.has(shardId)) start(shardId)
    }
  }

  const onChange = () => {
    try {
      discover()
      tellIfIdle()
    } catch (cause) {
      log({ level: 'error', message: `Cannot list the shards of ${streamName}: ${reasonOf(cause)}.` })
    }
    signal.wake()
  }

  if (
    settings.enabled &&
    settings.start.type === 'latest' &&
    checkpoints.get(uuid, startedMark) === undefined
  ) {
    for (const { shardId } of reader.listShards(streamName)) {
      checkpoints.set(uuid, shardId, reader.latest(streamName, shardId))
    }
    checkpoints.set(uuid, startedMark, new Date(now()).toISOString())
  }
  const unsubscribe = settings.enabled ? reader.subscribe(streamName, onChange) : () => undefined
  if (settings.enabled) discover()

  return {
    uuid,
    lag() {
      const open = reader.listShards(streamName).filter(({ shardId }) => !ended.has(shardId))
      const backlogs = open.map(({ shardId }) => backlogOf(shardId))
      const oldestAt = Math.min(...backlogs.map((backlog) => backlog.oldestAt ?? Infinity))
      return {
        records: backlogs.reduce((sum, backlog) => sum + backlog.records, 0),
        oldestMs: oldestAt === Infinity ? 0 : Math.max(0, now() - oldestAt),
        settled: [...consumers.values()].reduce((sum, consumer) => sum + consumer.settled(), 0),
      }
    },
    idle() {
      if (!settings.enabled) return Promise.resolve()
      const waiter = Promise.withResolvers<void>()
      idleWaiters.add(waiter)
      if (stopping) failIdleWaiters()
      else tellIfIdle()
      return waiter.promise
    },
    async stop() {
      stopping = true
      unsubscribe()
      signal.wake()
      await Promise.all([...consumers.values()].map((consumer) => consumer.finished))
      failIdleWaiters()
    },
  }
}

/** Where a shard is started: after its checkpoint, else where the settings say. */
function startingPoint(context: ConsumerContext, shardId: string): string | undefined {
  const { checkpoints, uuid, settings, reader, streamName } = context
  const checkpoint = checkpoints.get(uuid, shardId)
  if (checkpoint !== undefined || settings.start.type !== 'at-timestamp') return checkpoint
  let position: string | undefined
  for (;;) {
    const page = reader.read(streamName, shardId, { afterSequenceNumber: position, limit: 1_000 })
    const { time } = settings.start
    const young = page.findIndex((record) => record.arrivedAt >= time)
    if (young === 0 || page.length === 0) return position
    position = page.at(young === -1 ? -1 : young - 1)?.sequenceNumber
    if (young !== -1) return position
  }
}

/** Names a mapping in the keys of what it gives up on. */
export function uuidOf(name: string): string {
  const digits = hash('sha256', name)
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join('-')
}

import { reasonOf, sleep, type ConsumerContext, type Progress } from './consumer-context.ts'
import { gatherBatch } from './gather-batch.ts'
import type { EventOrigin } from './kinesis-event.ts'
import { processBatch } from './process-batch.ts'

export type ShardConsumer = {
  readonly shardId: string
  /** The sequence number up to which everything is processed or discarded. */
  position(): string | undefined
  /** How many records this consumer has processed or discarded. */
  settled(): number
  /** Waits for records: nothing was read that is not settled. */
  idle(): boolean
  /** Resolves when a closed shard is consumed to its end, or after a stop. */
  readonly finished: Promise<'end-of-shard' | 'stopped'>
}

/** Consumes one shard from a position on, batch after batch, strictly in order. */
export function consumeShard(
  context: ConsumerContext,
  origin: EventOrigin,
  options: { readonly position: string | undefined; readonly onIdle: () => void },
): ShardConsumer {
  const { signal, stopping, timings } = context
  const { shardId } = origin
  let position = options.position
  let settled = 0
  let idle = false

  const progress: Progress = {
    position: () => position,
    settle(records) {
      const last = records.at(-1)
      if (last === undefined) return
      context.checkpoints.set(context.uuid, shardId, last.sequenceNumber)
      position = last.sequenceNumber
      settled += records.length
    },
  }

  const startedAt = performance.now()
  /** Shards are polled at a pace of their own, whenever records come. */
  const untilNextPoll = () => timings.restPollMs - ((performance.now() - startedAt) % timings.restPollMs)

  const rest = async () => {
    idle = true
    options.onIdle()
    if (timings.restPollMs > 0) await sleep(context, untilNextPoll())
    else await signal.wait(timings.safetyMs)
    idle = false
  }

  const run = async (): Promise<'end-of-shard' | 'stopped'> => {
    let failures = 0
    let readAt = -Infinity
    for (;;) {
      try {
        await sleep(context, readAt + timings.pollEveryMs - performance.now())
        const records = await gatherBatch(context, origin, { progress, rest })
        if (stopping()) return 'stopped'
        if (records.length === 0) return 'end-of-shard'
        readAt = performance.now()
        await processBatch(context, origin, { records, progress })
        failures = 0
      } catch (cause) {
        // The stream or the checkpoints failed: go on from the last checkpoint.
        const message = `Cannot consume ${shardId} now: ${reasonOf(cause)}. Trying again.`
        context.log({ level: 'error', shardId, message })
        failures += 1
        await sleep(context, timings.backOffMs(failures))
      }
    }
  }

  return { shardId, position: () => position, settled: () => settled, idle: () => idle, finished: run() }
}

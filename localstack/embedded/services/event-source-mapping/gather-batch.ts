import type { StoredRecord } from '../kinesis/stream-reader.ts'
import { currentShard, type ConsumerContext, type Progress } from './consumer-context.ts'
import { type EventOrigin, Payload } from './kinesis-event.ts'

/**
 * Waits for the next batch: as many records as the settings and one invocation allow, or what has come
 * by the end of the batching window. Empty at the end of a closed shard and on a stop.
 */
export async function gatherBatch(
  context: ConsumerContext,
  origin: EventOrigin,
  options: {
    readonly progress: Progress
    /** Waits until there may be records; called only while none is held. */
    readonly rest: () => Promise<void>
  },
): Promise<readonly StoredRecord[]> {
  const { settings, reader, streamName, signal, stopping, now } = context
  const { shardId } = origin
  const records: StoredRecord[] = []
  const payload = new Payload(origin)
  for (;;) {
    const shard = currentShard(context, shardId)
    // A shard that is no longer listed was closed, and all its records are past their retention.
    if (stopping() || shard === undefined) return []
    const read = reader.read(streamName, shardId, {
      afterSequenceNumber: records.at(-1)?.sequenceNumber ?? options.progress.position(),
      limit: settings.batchSize - records.length,
    })
    const fit = payload.take(read)
    records.push(...read.slice(0, fit))
    const [first] = records
    if (first === undefined) {
      if (shard.closed) return []
      await options.rest()
      continue
    }
    const full = records.length === settings.batchSize || fit < read.length
    const complete = shard.closed && read.length === 0
    // The clock of the stream may be ahead of this one.
    const left = Math.min(settings.batchingWindowMs, first.arrivedAt + settings.batchingWindowMs - now())
    if (full || complete || settings.batchingWindowMs === 0 || left <= 0) return records
    if ((await signal.wait(left)) === 'timed-out') return records
  }
}

import { type PutRecords, putInOrder } from '../shared/streams/put-in-order.ts'
import type { SignalRecord } from '../shared/streams/records.ts'

/** Where signals go. Takes each symbol's in order; returns when they are on the stream. */
export type SignalSink = (signals: ReadonlyMap<string, readonly SignalRecord[]>) => Promise<void>

/** The stream `signals` as a sink. */
export function createSignalStream(put: PutRecords, stream: string): SignalSink {
  return async (signals) => {
    const queues = new Map<string, string[]>()
    for (const [symbol, records] of signals)
      queues.set(
        symbol,
        records.map((record) => JSON.stringify(record)),
      )
    // Each stands for itself, and of two revisions the higher one counts.
    await putInOrder(put, stream, queues, { ahead: 100 })
  }
}

import { putLines } from '../shared/streams/lines.ts'
import type { PutOptions, PutRecords } from '../shared/streams/put-in-order.ts'
import type { SignalRecord } from '../shared/streams/records.ts'

/** Emits signals, each symbol's in order; resolves when they are on the stream. */
export type SignalSink = (signals: ReadonlyMap<string, readonly SignalRecord[]>) => Promise<void>

/** The stream `signals` as a sink. @param options.backOff as of `putInOrder` */
export function createSignalStream(
  put: PutRecords,
  stream: string,
  options: Pick<PutOptions, 'backOff'> = {},
): SignalSink {
  return async (signals) => {
    const texts = new Map(
      [...signals].map(([symbol, records]) => [symbol, records.map((record) => JSON.stringify(record))]),
    )
    // Safe to put ahead: readers apply each record on its own, and the higher of two revisions.
    await putLines(put, stream, texts, { ...options, ahead: 100 })
  }
}

import type { KinesisStreamRecord } from 'aws-lambda'

import type { RevisedBar } from '../domain/signals.ts'
import { parseBarRecord, RecordError } from '../shared/records.ts'
import { toRevisedBar } from './revised-bar.ts'

/** Bars by symbol, each symbol's in the order of the shard. */
export type BarsBySymbol = ReadonlyMap<string, readonly RevisedBar[]>

/** Reads a batch of the stream `bars`; what is no bar is left out and counted. */
export function readBars(records: readonly KinesisStreamRecord[]): {
  readonly bars: BarsBySymbol
  readonly unreadable: number
} {
  const bars = new Map<string, RevisedBar[]>()
  let unreadable = 0
  for (const { kinesis } of records) {
    try {
      const record = parseBarRecord(Buffer.from(kinesis.data, 'base64').toString('utf8'))
      const others = bars.get(record.symbol)
      if (others === undefined) bars.set(record.symbol, [toRevisedBar(record)])
      else others.push(toRevisedBar(record))
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      unreadable++
    }
  }
  return { bars, unreadable }
}

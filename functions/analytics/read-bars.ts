import type { KinesisStreamRecord } from 'aws-lambda'

import type { RevisedBar } from '../domain/signals.ts'
import { parseBarRecord, RecordError } from '../shared/streams/records.ts'
import { toRevisedBar } from './revised-bar.ts'

/** Bars of a symbol, in the order of the shard. */
export type SymbolBars = {
  /** Of the record of the first. */
  readonly sequenceNumber: string
  readonly bars: readonly RevisedBar[]
}

/** Bars by the symbol that they name, whatever their partition key; the symbols in the order of their first bars. */
export type BarsBySymbol = ReadonlyMap<string, SymbolBars>

/** Reads a batch of the stream `bars`; what is no bar is left out and counted. */
export function readBars(records: readonly KinesisStreamRecord[]): {
  readonly bars: BarsBySymbol
  readonly unreadable: number
} {
  const bars = new Map<string, { readonly sequenceNumber: string; readonly bars: RevisedBar[] }>()
  let unreadable = 0
  for (const { kinesis } of records) {
    try {
      const record = parseBarRecord(Buffer.from(kinesis.data, 'base64').toString('utf8'))
      const others = bars.get(record.symbol)
      const bar = toRevisedBar(record)
      if (others === undefined)
        bars.set(record.symbol, { sequenceNumber: kinesis.sequenceNumber, bars: [bar] })
      else others.bars.push(bar)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      unreadable++
    }
  }
  return { bars, unreadable }
}

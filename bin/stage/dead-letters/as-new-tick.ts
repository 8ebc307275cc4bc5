import {
  formatExactJson,
  parseExactJson,
  tickBatchSchema,
  tickSchema,
} from '../../../functions/shared/streams/tick-record.ts'
import type { LostRecord } from './dead-letter.ts'

/** The producer that redriven ticks come from. */
export const REDRIVE = 'redrive'

/** A record as it is put on a stream. */
export type NewRecord = { readonly partitionKey: string; readonly data: Uint8Array }

/**
 * A lost record of the stream `ticks` as a record of the producer `redrive`: with its own source and sequence number
 * it would be taken for a duplicate, and without any, putting it twice would count it twice.
 * A record that is not a tick stays as it is, and will be rejected again.
 */
export function asNewTick({ partitionKey, content }: LostRecord, sequence: number): NewRecord {
  const tagged = { source: REDRIVE, sequence }
  if (content.type === 'tick')
    return recordOf({ symbol: partitionKey, ...tagged, ticks: [parseExactJson(content.tick)] })
  const json = jsonOf(content.data)
  const batch = tickBatchSchema.safeParse(json)
  if (batch.success) return recordOf({ symbol: batch.data.symbol, ...tagged, ticks: batch.data.ticks })
  const single = tickSchema.safeParse(json)
  if (!single.success) return { partitionKey, data: content.data }
  const { symbol, timestamp, price, volume } = single.data
  return recordOf({ symbol, ...tagged, ticks: [[timestamp, price, volume]] })
}

/** The symbol is the partition key, whatever it was put with. */
function recordOf(batch: { readonly symbol: string; readonly [name: string]: unknown }): NewRecord {
  return { partitionKey: batch.symbol, data: Buffer.from(formatExactJson(batch)) }
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return parseExactJson(Buffer.from(data).toString())
  } catch {
    return undefined
  }
}

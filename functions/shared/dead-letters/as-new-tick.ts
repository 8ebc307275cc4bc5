import * as z from 'zod'

import { unpackRecord, UnpackError } from '../../aggregator/unpack-record.ts'
import { withProducer } from '../streams/compact-reader.ts'
import { CompactRecordError, isCompact } from '../streams/compact-record.ts'
import { formatExactJson, parseExactJson } from '../streams/exact-json.ts'
import type { LostRecord } from './dead-letter.ts'

/** The producer that redriven ticks come from. */
export const REDRIVE = 'redrive'

/** A record as it is put on a stream. */
export type NewRecord = { readonly partitionKey: string; readonly data: Uint8Array }

/**
 * A lost record of the stream `ticks` as records of the producer `redrive`, numbered from `sequence` on: with its own
 * source and sequence number it would be taken for a duplicate, and without any, putting it twice would count it twice.
 * All else stays as it was sent. What is not a tick stays as it is, and will be rejected again.
 */
export function asNewTicks({ partitionKey, content }: LostRecord, sequence: number): readonly NewRecord[] {
  if (content.type === 'tick') {
    const { tick, sentWith = {} } = content
    const fields = { symbol: partitionKey, ...sentWith, ticks: [parseExactJson(tick)] }
    return [redriven(fields, sequence)]
  }
  return textsOf(partitionKey, content.data).map((record, index) => {
    if (isCompact(record.data)) return redrivenCompact(record, sequence + index)
    const tick = tickOf(jsonOf(record.data))
    return tick === undefined ? record : redriven(tick, sequence + index)
  })
}

type TickFields = { readonly symbol: string; readonly [name: string]: unknown }

/** The symbol is the partition key, whatever it was put with. */
function redriven(fields: TickFields, sequence: number): NewRecord {
  const { symbol, source, line = source ?? '', sequence: _, ...others } = fields
  const named = hasIds(others) ? { line } : {}
  const record = { symbol, source: REDRIVE, sequence, ...named, ...others }
  return { partitionKey: symbol, data: Buffer.from(formatExactJson(record)) }
}

/** The trades as they are, byte by byte: as JSON they might be more than a record may hold. */
function redrivenCompact(record: NewRecord, sequence: number): NewRecord {
  try {
    const { symbol, bytes } = withProducer(record.data, { source: REDRIVE, sequence })
    return { partitionKey: symbol === '' ? record.partitionKey : symbol, data: bytes }
  } catch (error) {
    if (error instanceof CompactRecordError) return record
    throw error
  }
}

/** Ids count on the line of their record, which is the source where none is named. */
function hasIds({ id, ticks }: { readonly id?: unknown; readonly ticks?: unknown }): boolean {
  return (
    id !== undefined || (Array.isArray(ticks) && ticks.some((tick) => Array.isArray(tick) && tick.length > 3))
  )
}

const tickSchema = z.looseObject({
  symbol: z.string(),
  timestamp: z.unknown().optional(),
  ticks: z.array(z.unknown()).min(1).optional(),
})

/** The fields of a record that has trades, as far as it can be seen without reading them. */
function tickOf(json: unknown): TickFields | undefined {
  const { data } = tickSchema.safeParse(json)
  return data?.timestamp === undefined && data?.ticks === undefined ? undefined : data
}

/** The JSON texts and compact records in a record, which may be compressed or aggregated. */
function textsOf(partitionKey: string, data: Uint8Array): readonly NewRecord[] {
  try {
    return unpackRecord({ partitionKey, bytes: data }).map((each) => ({
      partitionKey: each.partitionKey,
      data: each.bytes,
    }))
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error
    return [{ partitionKey, data }]
  }
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return parseExactJson(Buffer.from(data).toString())
  } catch {
    return undefined
  }
}

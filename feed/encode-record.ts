import { encodeCompact } from './encode-compact.ts'
import { encodeTick, RECORD_END, type RecordHead, recordStart } from './encode.ts'
import type { FeedTick } from './tick.ts'

/** How records of ticks are written: `compact` where that can hold them and is smaller, or all as JSON. */
export const ENCODINGS = ['compact', 'json'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** The bytes of a record. @param options.jsonBytes that it has as JSON */
export function encodeRecord(
  head: RecordHead,
  ticks: readonly FeedTick[],
  { encoding, jsonBytes }: { readonly encoding: Encoding; readonly jsonBytes: number },
): Buffer {
  const compact = encoding === 'compact' ? encodeCompact(head, ticks) : undefined
  if (compact !== undefined && compact.length < jsonBytes) return compact
  return Buffer.from(recordStart(head) + ticks.map(encodeTick).join(',') + RECORD_END)
}

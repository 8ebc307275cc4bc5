import { parseWritableRecord, RecordError } from '../shared/streams/records.ts'
import { MAX_TEXT_BYTES, type Text } from './frames.ts'
import type { RecordType } from './subscriptions.ts'

/** A record as it is on its stream, and what decides which connections get it. */
export type Broadcastable = Text & {
  readonly type: RecordType
  readonly symbol: string
  /** Unix milliseconds of what closed the bar. */
  readonly closedAt: number
}

/**
 * Parses a text of a record of `bars` or `signals`.
 *
 * @throws {RecordError} when it is none, or is larger than a message may be
 */
export function parseBroadcastable(text: string): Broadcastable {
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_TEXT_BYTES)
    throw new RecordError(`the record has ${bytes} bytes; a message takes ${MAX_TEXT_BYTES}`)
  const { type, symbol, closed_at: closedAt } = parseWritableRecord(text)
  return { type, symbol, closedAt, text, bytes }
}

import type { KinesisStreamRecord } from 'aws-lambda'

import { parseWritableRecord, RecordError } from '../shared/streams/records.ts'
import { MAX_TEXT_BYTES, type Text } from './frames.ts'
import type { RecordType } from './subscriptions.ts'

/** A record as it lies on its stream, and what decides who gets it. */
export type Broadcastable = Text & {
  readonly type: RecordType
  readonly symbol: string
  /** Unix milliseconds of what closed the bar. */
  readonly closedAt: number
}

/** Reads a batch of `bars` or `signals`, in order; what is none of theirs, or fits into no message, is counted. */
export function readRecords(records: readonly KinesisStreamRecord[]): {
  readonly readable: readonly Broadcastable[]
  readonly unreadable: number
} {
  const readable = records.flatMap(({ kinesis }) => read(Buffer.from(kinesis.data, 'base64')) ?? [])
  return { readable, unreadable: records.length - readable.length }
}

function read(data: Buffer): Broadcastable | undefined {
  if (data.length > MAX_TEXT_BYTES) return undefined
  const text = data.toString('utf8')
  try {
    const { type, symbol, closed_at: closedAt } = parseWritableRecord(text)
    return { type, symbol, closedAt, text, bytes: data.length }
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return undefined
  }
}

import * as z from 'zod'

import { compactToJson } from '../streams/compact-reader.ts'
import { isCompact } from '../streams/compact-record.ts'
import { type RejectedLine, rejectedLineSchema, singleLines } from './rejected-line.ts'
import type { SentWith } from './rejection.ts'

/** A record in the dead-letter bucket. */
export type LostRecord = {
  readonly partitionKey: string
  /** Kinesis sequence number under which it was put. */
  readonly sequenceNumber: string
  /** When the stream took it; ISO, UTC. */
  readonly arrivedAt: string
  readonly content:
    | { readonly type: 'record'; readonly data: Uint8Array }
    /** One tick of a record whose others were accepted, as JSON `[timestamp, price, volume]`, at its place in the record. */
    | { readonly type: 'tick'; readonly tick: string; readonly index: number; readonly sentWith?: SentWith }
}

/** An object of the dead-letter bucket. */
export type DeadLetter = {
  readonly key: string
  /**
   * `rejected`: a part rejected it and applied nothing of it. `failed-batch`: the event source mapping ran out of time or
   * attempts, so some of its records may have been applied.
   */
  readonly kind: 'rejected' | 'failed-batch'
  readonly stream: string
  readonly shard: string
  /** A line for people. */
  readonly why: string
  /** In the order of the shard. */
  readonly records: readonly LostRecord[]
}

/** An object of the dead-letter bucket is one that neither TickStock nor Lambda wrote. */
export class UnreadableLetterError extends Error {
  override readonly name = 'UnreadableLetterError'
}

/**
 * Reads an object of the dead-letter bucket.
 *
 * @throws UnreadableLetterError when it is neither a rejection nor a failed batch
 */
export function readDeadLetter(key: string, body: string): DeadLetter {
  try {
    return key.startsWith('rejected/') ? readRejected(key, body) : readFailedBatch(key, body)
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UnreadableLetterError(`${key} is neither a rejection nor a failed batch: ${reason}`)
  }
}

/** What TickStock writes: lines of NDJSON, of one record or, since release 0.3.0, of a batch. */
function readRejected(key: string, body: string): DeadLetter {
  const [, stream = '', shard = ''] = key.split('/')
  const lines = body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => rejectedLineSchema.parse(JSON.parse(line)))
  const single = lines.flatMap(singleLines)
  return {
    key,
    kind: 'rejected',
    stream,
    shard,
    why: [...new Set(lines.map(({ reason, detail }) => `${reason}: ${detail}`))].join(' | '),
    records: single.map((line) => ({
      partitionKey: line.partitionKey,
      sequenceNumber: line.sequence,
      arrivedAt: line.arrivedAt,
      content: contentOfLine(line),
    })),
  }
}

function contentOfLine(rejected: RejectedLine): LostRecord['content'] {
  const { index, payload = '', payloadBase64, line, contiguous, tape } = rejected
  if (index === undefined) return { type: 'record', data: bytesOf({ payload, payloadBase64 }) }
  const sentWith = {
    ...(line !== undefined && { line }),
    ...(contiguous !== undefined && { contiguous }),
    ...(tape !== undefined && { tape }),
  }
  return { type: 'tick', tick: payload, index, ...(Object.keys(sentWith).length > 0 && { sentWith }) }
}

function bytesOf(content: { payload: string; payloadBase64: string | undefined }): Uint8Array {
  return content.payloadBase64 === undefined
    ? Buffer.from(content.payload)
    : Buffer.from(content.payloadBase64, 'base64')
}

const eventSchema = z.object({
  Records: z
    .array(
      z.object({
        kinesis: z.object({
          partitionKey: z.string(),
          sequenceNumber: z.string(),
          data: z.string(),
          approximateArrivalTimestamp: z.number(),
        }),
      }),
    )
    .min(1),
})

/** What Lambda writes to an on-failure destination; `payload` is the event, as text on AWS. */
const failedBatchSchema = z.object({
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number(),
  }),
  KinesisBatchInfo: z.object({ shardId: z.string(), streamArn: z.string() }),
  payload: z
    .union([z.string().transform((text): unknown => JSON.parse(text)), z.unknown()])
    .pipe(eventSchema),
})

function readFailedBatch(key: string, body: string): DeadLetter {
  const { requestContext, KinesisBatchInfo, payload } = failedBatchSchema.parse(JSON.parse(body))
  const { functionArn, condition, approximateInvokeCount } = requestContext
  const part = functionArn.split(':')[6] ?? functionArn
  return {
    key,
    kind: 'failed-batch',
    stream: KinesisBatchInfo.streamArn.split('/').at(-1) ?? '',
    shard: KinesisBatchInfo.shardId,
    why: `${condition}: ${part} did not process it in ${approximateInvokeCount} attempts`,
    records: payload.Records.map(({ kinesis }) => ({
      partitionKey: kinesis.partitionKey,
      sequenceNumber: kinesis.sequenceNumber,
      arrivedAt: new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString(),
      content: { type: 'record', data: Buffer.from(kinesis.data, 'base64') },
    })),
  }
}

/** What a record holds, as text: of a compact one, the JSON that it stands for. */
export function contentOf({ content }: LostRecord): string {
  if (content.type === 'tick') return content.tick
  try {
    if (isCompact(content.data)) return compactToJson(content.data)
    return new TextDecoder('utf-8', { fatal: true }).decode(content.data)
  } catch {
    return `base64 ${Buffer.from(content.data).toString('base64')}`
  }
}

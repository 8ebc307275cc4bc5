import * as z from 'zod'
import { KinesisError } from './errors.ts'
import { limits } from './limits.ts'

/** A place on a shard, as a client carries it about between two calls. */
export type ShardIterator = {
  readonly stream: string
  /** When the stream was made; an iterator does not outlive its stream. */
  readonly streamCreatedAt: number
  readonly shardId: string
  readonly afterSequenceNumber: string | null
  /** Unix milliseconds. */
  readonly issuedAt: number
}

const fields = z.tuple([z.string(), z.int(), z.string(), z.string().nullable(), z.int()])

export function encodeShardIterator(iterator: ShardIterator): string {
  const { stream, streamCreatedAt, shardId, afterSequenceNumber, issuedAt } = iterator
  const text = JSON.stringify([stream, streamCreatedAt, shardId, afterSequenceNumber, issuedAt])
  return Buffer.from(text).toString('base64')
}

/** @throws KinesisError when the text is no iterator of this server, or older than five minutes. */
export function decodeShardIterator(text: string, now: number): ShardIterator {
  const parsed = fields.safeParse(parseJson(Buffer.from(text, 'base64').toString()))
  if (!parsed.success) {
    throw new KinesisError(
      'InvalidArgumentException',
      'Invalid ShardIterator: take it from GetShardIterator or GetRecords of this server.',
    )
  }
  const [stream, streamCreatedAt, shardId, afterSequenceNumber, issuedAt] = parsed.data
  if (now - issuedAt > limits.iteratorLifetime) {
    throw new KinesisError(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at ${new Date(issuedAt).toISOString()} while right now it is ` +
        `${new Date(now).toISOString()}, which is further than the tolerated delay of ${limits.iteratorLifetime} ms.`,
    )
  }
  return { stream, streamCreatedAt, shardId, afterSequenceNumber, issuedAt }
}

/** The stream of an iterator; undefined for what is none. */
export function streamOfIterator(text: string): string | undefined {
  return fields.safeParse(parseJson(Buffer.from(text, 'base64').toString())).data?.[0]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

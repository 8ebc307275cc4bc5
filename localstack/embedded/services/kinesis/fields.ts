import * as z from 'zod'

import { bytesOfBase64 } from '../../http/base64.ts'
import { limits } from './limits.ts'

/** The fields that several requests share, with the constraints of the service's model. */

export const streamName = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]{1,128}$/, 'must be 1 to 128 letters, digits, "_", "." or "-"')

const streamArn = z.string().regex(/^arn:aws[^:]*:kinesis:[^:]*:\d{12}:stream\/[a-zA-Z0-9_.-]{1,128}$/, {
  error: 'must be the ARN of a stream, arn:aws:kinesis:<region>:<account>:stream/<name>',
})

/** Streams are addressed by name, by ARN, or by both. */
export const streamAddress = { StreamName: streamName.optional(), StreamARN: streamArn.optional() }

export const shardId = z.string().regex(/^[a-zA-Z0-9_.-]{1,128}$/, 'must be the id of a shard')

export const hashKey = z
  .string()
  .regex(/^(0|[1-9]\d{0,38})$/, 'must be a decimal number from 0 to 2^128 - 1')
  .transform(BigInt)

export const partitionKey = z.string().min(1).max(limits.partitionKeyLength)

/** Bytes in base64. */
export const blob = z.string().transform((text, context): Uint8Array => {
  const bytes = bytesOfBase64(text)
  if (bytes !== undefined) return bytes
  context.addIssue({ code: 'custom', message: 'must be base64' })
  return z.NEVER
})

/** Seconds since the epoch with a fraction, turned into Unix milliseconds. */
export const timestamp = z.number().transform((seconds) => Math.round(seconds * 1_000))

export function toSeconds(milliseconds: number): number {
  return milliseconds / 1_000
}

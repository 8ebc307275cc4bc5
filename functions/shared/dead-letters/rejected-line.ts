import * as z from 'zod'

/** A line of an object below `rejected/` of the dead-letter bucket: what was rejected of a record, and why. */
export const rejectedLineSchema = z.object({
  reason: z.string(),
  detail: z.string(),
  shard: z.string(),
  /** Kinesis sequence number of the record. */
  sequence: z.string(),
  partitionKey: z.string(),
  /** When the stream took it; ISO, UTC. */
  arrivedAt: z.string(),
  /** The tick's place in its batch; absent where the whole record was rejected. */
  index: z.int().optional(),
  /** Of a tick whose record said so: the line that its id counts on, whether it is contiguous, and the tape. */
  line: z.string().optional(),
  contiguous: z.boolean().optional(),
  tape: z.string().optional(),
  /** The tick as JSON, or the record as text. */
  payload: z.string().optional(),
  /** The record where it is not UTF-8. */
  payloadBase64: z.string().optional(),
})

export type RejectedLine = Readonly<z.infer<typeof rejectedLineSchema>>

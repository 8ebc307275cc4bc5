import * as z from 'zod'

/** Which records of `bars` arrived while the clock of the streams was ahead: by shard those after one sequence number up to another. */
export const streamJumpSchema = z.object({
  aheadMs: z.int(),
  shards: z.record(z.string(), z.object({ after: z.string(), upTo: z.string() })),
})
export type StreamJump = z.infer<typeof streamJumpSchema>

/** What the process of a deployment is told to do. */
export const commandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('kill-workers'), part: z.string() }),
  z.object({ type: z.literal('kill-postgres'), forMs: z.number() }),
  z.object({ type: z.literal('freeze-postgres'), forMs: z.number() }),
  z.object({
    type: z.literal('jump-clock'),
    part: z.string(),
    aheadMs: z.int(),
    forMs: z.number(),
  }),
  /** Answers with which bars arrived by that clock. */
  z.object({ type: z.literal('jump-stream-clock'), aheadMs: z.int(), forMs: z.number() }),
  z.object({ type: z.literal('reshard'), stream: z.enum(['ticks', 'bars']), share: z.number() }),
  /** Closes all bars and waits until every part has done everything. */
  z.object({ type: z.literal('finish') }),
  /** Answers with what is on the stream `bars`, and when it arrived by a clock that was never put wrong. */
  z.object({ type: z.literal('read-bars'), jumps: z.array(streamJumpSchema) }),
  z.object({ type: z.literal('stop') }),
])
export type Command = z.infer<typeof commandSchema>

/** A record of the stream `bars`. */
export const sentBarsSchema = z.array(
  z.object({ symbol: z.string(), timestamp: z.string(), revision: z.int(), arrivedAt: z.number() }),
)
export type SentBar = z.infer<typeof sentBarsSchema>[number]

/** How a deployment is reached. */
const startedSchema = z.object({
  endpoint: z.string(),
  databasePort: z.int(),
  readOnlyUrl: z.string(),
  ticksStream: z.string(),
  webSocketUrl: z.string(),
  apiUrl: z.string(),
  apiKey: z.string(),
  deadLetterBucket: z.string(),
})
export type Started = z.infer<typeof startedSchema>

/** What the process says. */
export const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), started: startedSchema }),
  z.object({ type: z.literal('done'), value: z.unknown().optional() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
])
export type Message = z.infer<typeof messageSchema>

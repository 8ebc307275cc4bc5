import {
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-kinesis'
import * as z from 'zod'

import { LIMIT } from '../read-stream.ts'

/** Where a shard is read from. */
export type ShardStart = Pick<
  GetShardIteratorInput,
  'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
>

/** How long a service may be away, in milliseconds. */
const PATIENCE_MS = 600_000

const refused = z.object({ $metadata: z.object({ httpStatusCode: z.int().min(400).max(499) }) })

/** A shard that is being read. */
export class OpenShard {
  readonly shard: string
  #start: ShardStart
  #iterator: string | undefined
  #failingSince: number | undefined
  /** When it is to be read next, by the clock that `read` is given. */
  nextAt = -Infinity
  /** When it was read last, by that clock, less what was behind then; undefined before. */
  readTo: number | undefined
  /** Why it was not read last. */
  trouble = ''
  isTroubleTold = false

  constructor(shard: string, start: ShardStart) {
    this.shard = shard
    this.#start = start
  }

  /** How long it has not been read, in milliseconds. */
  failingFor(now: number): number {
    return this.#failingSince === undefined ? 0 : now - this.#failingSince
  }

  /**
   * Reads what is next; undefined where that cannot be done now.
   *
   * @param now of a clock in milliseconds
   * @param serverNow Unix milliseconds of the service's clock, as far as it is known
   * @throws what the client throws where another time would end alike, or after ten minutes
   */
  async read(
    client: KinesisClient,
    {
      stream,
      now,
      serverNow,
    }: { readonly stream: string; readonly now: number; readonly serverNow: number | undefined },
  ): Promise<GetRecordsOutput | undefined> {
    try {
      this.#iterator ??= (
        await client.send(
          new GetShardIteratorCommand({ StreamName: stream, ShardId: this.shard, ...this.#start }),
        )
      ).ShardIterator
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: this.#iterator, Limit: LIMIT }))
      const last = answer.Records?.at(-1)?.SequenceNumber
      if (last !== undefined)
        this.#start = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last }
      else if (this.#start.ShardIteratorType === 'LATEST' && serverNow !== undefined)
        // Once it expires, what came meanwhile is not to be passed over.
        this.#start = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(serverNow) }
      this.#iterator = answer.NextShardIterator
      this.readTo = now - (answer.MillisBehindLatest ?? 0)
      this.#failingSince = undefined
      return answer
    } catch (error) {
      // A machine that slept for five minutes needs another iterator.
      if (error instanceof ExpiredIteratorException) this.#iterator = undefined
      else this.#bear(error, now)
      return undefined
    }
  }

  /** Others read the shard too, and a network may be away. */
  #bear(error: unknown, now: number): void {
    this.#failingSince ??= now
    this.trouble = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    if (error instanceof ProvisionedThroughputExceededException) return
    if (refused.safeParse(error).success || this.failingFor(now) > PATIENCE_MS) throw error
  }
}

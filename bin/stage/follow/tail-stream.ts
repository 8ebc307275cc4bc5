import {
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-kinesis'
import type { KinesisStreamRecord } from 'aws-lambda'
import { setTimeout as delay } from 'node:timers/promises'

import { asEvent, LIMIT, shardsOf } from '../read-stream.ts'
import { StreamTime } from './stream-time.ts'
import { arrivalOf } from '../../../functions/shared/streams/record-origin.ts'

/** Where a shard is read from. */
export type ShardStart = Pick<
  GetShardIteratorInput,
  'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
>

/** Records of some shards, each shard in its order. */
export type Tail = {
  readonly records: readonly KinesisStreamRecord[]
  /** Unix milliseconds of the stream's clock: all that it took before has been given. Undefined while that is not known. */
  readonly readTo: number | undefined
}

type TailOptions = {
  readonly stream: string
  readonly startOf: (shard: string) => ShardStart
  readonly signal: AbortSignal
  /** Milliseconds between two looks at a shard: Kinesis allows five a second, for all who read it. @default 1,000 */
  readonly everyMs?: number
  readonly elapsed?: () => number
}

/** A shard that is being read. */
type OpenShard = {
  readonly shard: string
  iterator: string | undefined
  start: ShardStart
  /** When it was read last, by `elapsed`, less what was behind then; undefined before. */
  readTo: number | undefined
}

/** The records of a stream as they come, of all its shards and of those that they are split and merged into, until the signal. */
export async function* tailStream(
  client: KinesisClient,
  { stream, startOf, signal, everyMs = 1000, elapsed = () => performance.now() }: TailOptions,
): AsyncGenerator<Tail, void, undefined> {
  const time = new StreamTime(elapsed)
  const known = new Set<string>()
  let shards: OpenShard[] = []
  const add = (shard: string, start: ShardStart): void => {
    if (known.has(shard)) return
    known.add(shard)
    shards.push({ shard, start, iterator: undefined, readTo: undefined })
  }
  for (const shard of await shardsOf(client, stream)) add(shard, startOf(shard))
  let read: number | undefined
  while (!signal.aborted) {
    const began = elapsed()
    const records: KinesisStreamRecord[] = []
    const ended = new Set<OpenShard>()
    let isBehind = false
    await Promise.all(
      shards.map(async (open) => {
        const at = elapsed()
        const answer = await readOnce(client, stream, open)
        if (answer === undefined) return
        for (const record of answer.Records ?? [])
          records.push(asEvent(record, { stream, shard: open.shard }))
        const { MillisBehindLatest: behind = 0, NextShardIterator } = answer
        open.readTo = at - behind
        open.iterator = NextShardIterator
        if (behind > 0) isBehind = true
        if (NextShardIterator !== undefined) return
        ended.add(open)
        for (const { ShardId = '' } of answer.ChildShards ?? [])
          add(ShardId, { ShardIteratorType: 'TRIM_HORIZON' })
      }),
    )
    shards = shards.filter((open) => !ended.has(open))
    for (const record of records) time.note(arrivalOf(record))
    const moments = shards.map(({ readTo }) => readTo)
    // A shard that has just come about may have records older than what the others were read to.
    if (!moments.includes(undefined)) read = Math.min(...moments.map((each = 0) => each))
    yield { records, readTo: read === undefined ? undefined : time.at(read) }
    if (!isBehind)
      await delay(Math.max(0, began + everyMs - elapsed()), undefined, { signal }).catch(() => {})
  }
}

/** The next records of a shard; undefined where it cannot be read now. */
async function readOnce(
  client: KinesisClient,
  stream: string,
  open: OpenShard,
): Promise<GetRecordsOutput | undefined> {
  try {
    open.iterator ??= (
      await client.send(
        new GetShardIteratorCommand({ StreamName: stream, ShardId: open.shard, ...open.start }),
      )
    ).ShardIterator
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: open.iterator, Limit: LIMIT }))
    const last = answer.Records?.at(-1)?.SequenceNumber
    if (last !== undefined)
      open.start = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last }
    return answer
  } catch (error) {
    // Others read it too; and a machine that slept for five minutes needs another iterator.
    if (error instanceof ProvisionedThroughputExceededException) return undefined
    if (!(error instanceof ExpiredIteratorException)) throw error
    open.iterator = undefined
    return undefined
  }
}

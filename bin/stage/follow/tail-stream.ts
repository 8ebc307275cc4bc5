import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { KinesisStreamRecord } from 'aws-lambda'
import { setTimeout as delay } from 'node:timers/promises'

import { arrivalOf } from '../../../functions/shared/streams/record-origin.ts'
import { asEvent, shardsOf } from '../read-stream.ts'
import { OpenShard, type ShardStart } from './open-shard.ts'
import { onServerDate } from './server-date.ts'
import { StreamTime } from './stream-time.ts'

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
  /** Is told of a shard that is not read for ten seconds, and when it is again. */
  readonly onTrouble: (text: string) => void
  /** Milliseconds between two looks at a shard that is read to its end. @default 1,000 */
  readonly everyMs?: number
  readonly elapsed?: () => number
}

/** Of the five looks a second that Kinesis allows to all who read a shard, one that is behind takes four. */
const HURRY_MS = 250
const TOLD_AFTER_MS = 10_000

/** The records of a stream as they come, of all its shards and of those that they are split and merged into, until the signal. */
export async function* tailStream(
  client: KinesisClient,
  { stream, startOf, signal, onTrouble, everyMs = 1000, elapsed = () => performance.now() }: TailOptions,
): AsyncGenerator<Tail, void, undefined> {
  const time = new StreamTime(elapsed)
  onServerDate(client, (date) => time.note(date))
  const known = new Set<string>()
  let shards: OpenShard[] = []
  const add = (shard: string, start: ShardStart): void => {
    if (!known.has(shard)) shards.push(new OpenShard(shard, start))
    known.add(shard)
  }
  for (const shard of await shardsOf(client, stream)) add(shard, startOf(shard))
  let readTo: number | undefined
  while (!signal.aborted) {
    const records: KinesisStreamRecord[] = []
    const ended = new Set<OpenShard>()
    const now = elapsed()
    const due = shards.filter(({ nextAt }) => nextAt <= now)
    await Promise.all(
      due.map(async (open) => {
        const answer = await open.read(client, { stream, now, serverNow: time.at(now) })
        const isBehind = (answer?.MillisBehindLatest ?? 0) > 0
        open.nextAt = now + (isBehind ? Math.min(HURRY_MS, everyMs) : everyMs)
        for (const record of answer?.Records ?? [])
          records.push(asEvent(record, { stream, shard: open.shard }))
        if (answer === undefined || answer.NextShardIterator !== undefined) return
        ended.add(open)
        for (const { ShardId = '' } of answer.ChildShards ?? [])
          add(ShardId, { ShardIteratorType: 'TRIM_HORIZON' })
      }),
    )
    shards = shards.filter((open) => !ended.has(open))
    tell(shards, elapsed(), onTrouble)
    for (const record of records) time.note(arrivalOf(record))
    const moments = shards.map((open) => open.readTo)
    // A shard that has just come about may have records older than what the others were read to.
    if (!moments.includes(undefined)) readTo = Math.min(...moments.map((each = 0) => each))
    yield { records, readTo: readTo === undefined ? undefined : time.at(readTo) }
    const next = Math.min(...shards.map(({ nextAt }) => nextAt))
    await delay(Math.max(0, next - elapsed()), undefined, { signal }).catch(() => {})
  }
}

/** Tells once of a shard that is not read, and once when it is. */
function tell(shards: readonly OpenShard[], now: number, onTrouble: (text: string) => void): void {
  for (const open of shards) {
    const failingFor = open.failingFor(now)
    if (failingFor > TOLD_AFTER_MS && !open.isTroubleTold) {
      open.isTroubleTold = true
      onTrouble(`${open.shard} cannot be read (${open.trouble}): no bar closes meanwhile; trying again`)
    } else if (failingFor === 0 && open.isTroubleTold) {
      open.isTroubleTold = false
      onTrouble(`${open.shard} is read again`)
    }
  }
}

import { setTimeout as wait } from 'node:timers/promises'

import type { Runtime } from 'embedded-aws'

import { compareSequenceNumbers } from '../../../functions/domain/trade.ts'
import type { StreamJump } from './protocol.ts'

type Clocked = {
  readonly streams: Pick<Runtime['streams'], 'listShards' | 'latest'>
  readonly setStreamClock: Runtime['setStreamClock']
}

/**
 * Puts the clock of the streams ahead or behind for some time, and right again. Nothing is put between a clock and the places
 * that are noted with it; no shard is split or merged meanwhile.
 *
 * @returns which records of the stream arrived by the wrong clock
 */
export async function jumpStreamClock(
  { streams, setStreamClock }: Clocked,
  stream: string,
  { aheadMs, forMs }: { readonly aheadMs: number; readonly forMs: number },
): Promise<StreamJump> {
  const newest = (): ReadonlyMap<string, string> =>
    new Map(streams.listShards(stream).map(({ shardId }) => [shardId, streams.latest(stream, shardId)]))
  const before = newest()
  setStreamClock(aheadMs)
  await wait(forMs)
  const after = newest()
  setStreamClock(0)
  const shards = [...before].map(([shardId, place]) => [
    shardId,
    { after: place, upTo: after.get(shardId) ?? place },
  ])
  return { aheadMs, shards: Object.fromEntries(shards) }
}

/** By how much the clock was ahead when a record arrived. */
export function aheadAt(
  jumps: readonly StreamJump[],
  { shardId, sequenceNumber }: { readonly shardId: string; readonly sequenceNumber: string },
): number {
  const jump = jumps.find(({ shards: { [shardId]: range } }) => {
    if (range === undefined) return false
    const { after, upTo } = range
    return (
      compareSequenceNumbers(sequenceNumber, after) > 0 && compareSequenceNumbers(sequenceNumber, upTo) <= 0
    )
  })
  return jump?.aheadMs ?? 0
}

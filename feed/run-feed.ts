import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { paced } from './pace.ts'
import type { Pace } from './pace.ts'
import type { Publisher } from './publisher.ts'
import type { FeedTick } from './tick.ts'

/** What to publish, where and how fast. */
export type RunFeedOptions = {
  readonly source: Iterable<FeedTick> | AsyncIterable<FeedTick>
  readonly publisher: Pick<Publisher, 'publish' | 'flush'>
  readonly pace: Pace
  readonly clock?: Clock
  /** Ends the feed: no further tick is published, and those published before are flushed. */
  readonly signal?: AbortSignal
}

/** How a feed ended. */
export type FeedResult = {
  readonly type: 'source-ended' | 'stopped'
  /** Ticks published; all of them are on the stream. */
  readonly ticks: number
}

/** Ticks after which the event loop gets a turn, so that a fast source cannot shut out signals and timers. */
const TICKS_PER_TURN = 1000

/**
 * Publishes a source until it ends or `signal` aborts, then flushes. Rejects with what the source or the publisher
 * throws; the ticks published before an error of the source are flushed first.
 */
export async function runFeed(options: RunFeedOptions): Promise<FeedResult> {
  const { source, publisher, pace, clock = systemClock, signal = new AbortController().signal } = options
  let ticks = 0
  try {
    for await (const tick of paced(source, { pace, clock, signal })) {
      const room = publisher.publish(tick)
      if (room !== undefined) await room
      ticks++
      if (ticks % TICKS_PER_TURN === 0) await nextTurn()
    }
  } finally {
    await publisher.flush()
  }
  return { type: signal.aborted ? 'stopped' : 'source-ended', ticks }
}

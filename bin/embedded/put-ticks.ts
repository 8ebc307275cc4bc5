import { systemClock } from '../../feed/clock.ts'
import type { Pace } from '../../feed/pace.ts'
import { FeedProgress } from '../../feed/progress.ts'
import { createPublisher, type PublisherOptions } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import type { FeedTick, TickLine } from '../../feed/tick.ts'
import { noteFedUntil, writeFed } from './fed-until.ts'

export type PutTicksOptions = Pick<
  PublisherOptions,
  'kinesis' | 'stream' | 'onStatus' | 'encoding' | 'clock'
> & {
  readonly market: {
    readonly symbols: readonly string[]
    /** Seconds between two ticks of a symbol. */
    readonly interval: number
    readonly seed: number
  }
  /** Unix milliseconds of the first tick. */
  readonly start: number
  /** Unix milliseconds from which ticks are on the stream without a hole up to the first. @default the first */
  readonly since?: number
  /** Unix milliseconds before which the ticks end; without it they never do. */
  readonly end?: number
  readonly pace: Pace
  readonly maxAgeMs: number
  /** The publisher's. @default 0 */
  readonly coalesceMs?: number
  /** Where it is noted how far the ticks are on the stream. */
  readonly file: string
  /** Ends the feed. */
  readonly signal?: AbortSignal
}

/**
 * Puts synthetic ticks, and notes how far they are on the stream; who goes on from there leaves none out. Those that were
 * put and not yet noted have the same ids when they are put again, and count once.
 */
export async function putTicks(options: PutTicksOptions): Promise<void> {
  const { kinesis, stream, onStatus, clock = systemClock, market, start, end, file, signal } = options
  const { since = start } = options
  const { symbols, interval: intervalSeconds, seed } = market
  const progress = new FeedProgress(start)
  const publisher = createPublisher({
    kinesis,
    stream,
    clock,
    source: 'synthetic',
    maxAgeMs: options.maxAgeMs,
    ...(options.coalesceMs !== undefined && { coalesceMs: options.coalesceMs }),
    onAcknowledged: (symbol, ticks) => progress.acknowledge(symbol, ticks),
    ...(onStatus && { onStatus }),
    ...(options.encoding && { encoding: options.encoding }),
  })
  const ticks = syntheticTicks({
    symbols,
    seed,
    intervalSeconds,
    start,
    ...(end !== undefined && { end }),
    numbered: true,
  })
  const source = noteFedUntil(onLine(ticks, lineOf(market, since)), { progress, file, since })
  const { type } = await runFeed({
    source,
    publisher,
    clock,
    pace: options.pace,
    ...(signal && { signal }),
  })
  await publisher.close()
  writeFed(file, { since, until: type === 'stopped' ? progress.until() : (end ?? progress.until()) })
}

/** Ticks of another market have other ids; after a hole, nothing says that the ids in it are missing. */
function lineOf({ seed, interval }: PutTicksOptions['market'], since: number): TickLine {
  const begun = since === 0 ? '' : `-${since}`
  return { name: `synthetic-${seed}-${interval}${begun}`, isContiguous: true }
}

function* onLine(ticks: Iterable<FeedTick>, line: TickLine): Generator<FeedTick, void, undefined> {
  for (const tick of ticks) yield { ...tick, line }
}

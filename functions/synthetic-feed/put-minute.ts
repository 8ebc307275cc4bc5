import type { KinesisPort } from '../../feed/kinesis-port.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'

const MINUTE_MS = 60_000

export type SyntheticMarket = {
  readonly kinesis: KinesisPort
  /** Name of the stream `ticks`. */
  readonly stream: string
  readonly symbols: number
}

/**
 * Puts the ticks of the minute before `now` (Unix milliseconds), one per symbol and second. Called again for the same
 * minute it puts the same records, which the aggregator ignores as duplicates.
 *
 * @returns how many ticks
 */
export async function putMinute({ kinesis, stream, symbols }: SyntheticMarket, now: number): Promise<number> {
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const start = end - MINUTE_MS
  const publisher = createPublisher({
    kinesis,
    stream,
    source: 'synthetic-feed',
    // Where a canary is under way, code of the release before reads most records: it knows no other.
    encoding: 'json',
    maxAgeMs: Infinity,
    startSequence: start * 1000,
  })
  const ticks = syntheticTicks({ symbols: symbolNames(symbols), seed: 1, intervalSeconds: 1, start, end })
  for (const tick of ticks) await publisher.publish(tick)
  await publisher.close()
  return publisher.stats().ticksAcknowledged
}

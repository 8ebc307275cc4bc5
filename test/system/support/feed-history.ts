import type { Deployment } from '../../../bin/embedded/deployment.ts'
import { createKinesisClient, kinesisPort } from '../../../feed/kinesis-client.ts'
import { createPublisher } from '../../../feed/publisher.ts'
import { runFeed } from '../../../feed/run-feed.ts'
import { syntheticTicks } from '../../../feed/synthetic.ts'
import type { FeedTick } from '../../../feed/tick.ts'

/**
 * Puts the ticks of the last minutes on the stream of a deployment, a tick each ten seconds, and closes their bars.
 * Answers with the number of ticks of each symbol.
 */
export async function feedHistory(
  deployment: Deployment,
  { symbols, minutes }: { readonly symbols: readonly string[]; readonly minutes: number },
): Promise<ReadonlyMap<string, number>> {
  const end = Date.now()
  const source = syntheticTicks({
    symbols: [...symbols],
    seed: 1,
    intervalSeconds: 10,
    start: end - minutes * 60_000,
    end,
  })
  const counts = new Map<string, number>()
  await feedTicks(deployment, counted(source, counts))
  return counts
}

/** Puts ticks on the stream of a deployment and closes their bars; of a minute that is closed, it becomes a correction. */
export async function feedTicks(deployment: Deployment, ticks: Iterable<FeedTick>): Promise<void> {
  const publisher = createPublisher({
    kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
    stream: deployment.ticksStream,
    source: 'test',
  })
  await runFeed({ source: ticks, publisher, pace: 'full-speed' })
  await publisher.close()
  await deployment.flush()
}

function* counted(ticks: Iterable<FeedTick>, counts: Map<string, number>): Generator<FeedTick> {
  for (const tick of ticks) {
    counts.set(tick.symbol, (counts.get(tick.symbol) ?? 0) + 1)
    yield tick
  }
}

import type { Deployment } from '../../../bin/local/deployment.ts'
import { createKinesisClient, kinesisPort } from '../../../feed/kinesis-client.ts'
import { createPublisher } from '../../../feed/publisher.ts'
import { runFeed } from '../../../feed/run-feed.ts'
import { syntheticTicks } from '../../../feed/synthetic.ts'

/** Puts the ticks of the last minutes on the stream of a deployment, a tick each ten seconds, and closes their bars. */
export async function feedHistory(
  deployment: Deployment,
  { symbols, minutes }: { readonly symbols: readonly string[]; readonly minutes: number },
): Promise<void> {
  const publisher = createPublisher({
    kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
    stream: deployment.ticksStream,
    source: 'test',
  })
  const end = Date.now()
  const source = syntheticTicks({
    symbols: [...symbols],
    seed: 1,
    intervalSeconds: 10,
    start: end - minutes * 60_000,
    end,
  })
  await runFeed({ source, publisher, pace: 'full-speed' })
  await publisher.close()
  await deployment.flush()
}

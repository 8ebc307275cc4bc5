import { randomUUID } from 'node:crypto'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher, type PublisherOptions } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import { UsageError } from '../terminal/errors.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import type { DeployedStage } from './find-deployment.ts'
import { replayFile } from './replay-source.ts'
import { reportTrouble } from './stream-trouble.ts'

export type FeedOptions = {
  readonly source: 'synthetic' | 'replay'
  /** @default the stream `ticks` of the stage */
  readonly stream?: string
  readonly symbols: number
  readonly interval: number
  readonly seed: number
  readonly batch: number
}

/** Where ticks go, and what the user sees and stops. */
type Feeding = Pick<PublisherOptions, 'kinesis' | 'stream' | 'onStatus'> & {
  readonly screen: Screen
  readonly signal: AbortSignal
}

/** Puts ticks on the stream of a deployment until the source ends or it is interrupted. */
export async function feed(
  { stage, environment }: DeployedStage,
  files: readonly string[],
  options: FeedOptions,
): Promise<number> {
  if (options.source === 'replay' && files.length === 0)
    throw new UsageError('--source replay needs files: name the files to replay')
  if (options.source === 'synthetic' && files.length > 0)
    throw new UsageError(
      `--source synthetic takes no files; ${files[0]} is one. Did you mean --source replay?`,
    )
  const screen = openScreen()
  const stream = options.stream ?? `tickstock-${stage}-ticks`
  const feeding = {
    kinesis: kinesisPort(createKinesisClient(environment)),
    stream,
    onStatus: reportTrouble(screen),
    screen,
    signal: onInterrupt(() =>
      screen.print('stopping; ticks that were read are put first (Ctrl-C again: stop at once)'),
    ),
  }
  const ticks = await (options.source === 'replay'
    ? replayFiles(files, options, feeding)
    : putSynthetic(options, feeding))
  screen.end()
  screen.print(`${count(ticks)} ticks put on ${stream}`)
  return 0
}

async function replayFiles(
  files: readonly string[],
  { batch }: FeedOptions,
  { screen, signal, ...target }: Feeding,
): Promise<number> {
  let ticks = 0
  for (const file of files) {
    const result = await replayFile(file, {
      ...target,
      ticksPerRecord: batch,
      signal,
      onBadRow: ({ line, reason, text }) => screen.print(`${file}:${line}: ${reason}: ${text.slice(0, 120)}`),
      onProgress: (share) => screen.status(`replaying ${file}: ${Math.round(share * 100)} %`),
    })
    ticks += result.ticks
    if (signal.aborted) break
  }
  return ticks
}

async function putSynthetic(
  { symbols, interval: intervalSeconds, seed, batch }: FeedOptions,
  { screen, signal, ...target }: Feeding,
): Promise<number> {
  const publisher = createPublisher({
    ...target,
    // A name of its own: two feeds of one name would number their records alike, and one would be taken for a duplicate.
    source: `synthetic-${randomUUID()}`,
    maxTicksPerRecord: batch,
  })
  const source = syntheticTicks({ symbols: symbolNames(symbols), seed, intervalSeconds, start: Date.now() })
  const shown = setInterval(
    () => screen.status(`${count(publisher.stats().ticksAcknowledged)} ticks put`),
    1000,
  )
  try {
    const { ticks } = await runFeed({ source, publisher, pace: 'live', signal })
    await publisher.close()
    return ticks
  } finally {
    clearInterval(shown)
  }
}

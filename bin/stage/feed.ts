import { randomUUID } from 'node:crypto'

import { nameOf } from '../../functions/shared/runtime/deployment-name.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher, type PublisherOptions } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { namesOf } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import type { FeedCounts } from '../../feed/venues/symbol-feed.ts'
import { UsageError } from '../terminal/errors.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { type FeedOptions, sourceOf } from './feed-options.ts'
import type { DeployedStage } from './find-deployment.ts'
import { gatherOnScreen, readingStatus } from './gather-on-screen.ts'
import type { RejectedRow } from './gather-trades.ts'
import { checkOutputs } from './output-file.ts'
import { putTrades } from './put-trades.ts'
import { rejectsText, withRejects } from './rejects.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'
import { reportTrouble } from './stream-trouble.ts'
import { type ChosenVenue, chosenVenues, feedVenues } from './venues.ts'

const SYMBOLS = 70
const BATCH = 500
const PLACES = '.tickstock-feed'

/** Where ticks go, and what the user sees and stops. */
type Feeding = Pick<PublisherOptions, 'kinesis' | 'stream' | 'onStatus' | 'encoding'> & {
  readonly screen: Screen
  readonly signal: AbortSignal
}

/** Puts ticks on the stream of a deployment until the source ends or it is interrupted. */
export async function feed(
  deployed: DeployedStage,
  files: readonly string[],
  options: FeedOptions,
): Promise<number> {
  const source = sourceOf(options, files)
  const venues = chosenVenues({ ...options, symbols: options.symbols ?? SYMBOLS })
  const screen = openScreen()
  const stream = options.stream ?? `${nameOf(deployed)}-ticks`
  const feeding = {
    kinesis: kinesisPort(createKinesisClient(deployed.environment)),
    stream,
    onStatus: reportTrouble(screen),
    ...(options.encoding && { encoding: options.encoding }),
    screen,
    signal: onInterrupt(() =>
      screen.print('stopping; ticks that were read are put first (Ctrl-C again: stop at once)'),
    ),
  }
  const ticks = await (source === 'replay'
    ? replayFiles(files, options, feeding)
    : source === 'venue'
      ? putVenues(venues, options, feeding)
      : putSynthetic(options, feeding))
  screen.end()
  screen.print(`${count(ticks)} ticks put on ${stream}`)
  return 0
}

/** What the aggregator would reject whatever its settings is rejected here, with its line. */
async function replayFiles(
  files: readonly string[],
  options: FeedOptions,
  { screen, signal, ...target }: Feeding,
): Promise<number> {
  const { rejects: file, batch = BATCH } = options
  checkOutputs(file === undefined ? [] : [{ option: '--rejects', file }], files)
  return await inThrowAwayFolder('feed', (folder) =>
    withRejects({ screen, file }, async (rejects) => {
      const onRejected = (row: RejectedRow): void => rejects.add(row)
      const gathered = await gatherOnScreen(files, {
        read: { ...options, sides: options.sides ?? true },
        folder,
        signal,
        screen,
        rejects,
        // Which symbols may have such prices is known to the deployment, and a feed needs no more than its stream.
        allowsNonPositive: () => true,
        statusOf: readingStatus,
      })
      const { counts } = gathered
      const onProgress = (put: number): void => screen.status(`replaying: ${count(put)} ticks put`)
      await putTrades(gathered, { ...target, ticksPerRecord: batch, signal, onRejected, onProgress })
      const more = rejectsText(counts)
      if (more !== undefined) screen.print(more)
      const { read, rejectedRows, leftOutRows, duplicates } = counts
      screen.print(
        `${count(read)} rows: ${count(rejectedRows)} rejected, ${count(leftOutRows)} left out, ${count(duplicates)} duplicates`,
      )
      if (read > 0 && rejectedRows === read) throw new UsageError('no row is a trade; the reasons are above')
      return counts.put
    }),
  )
}

async function putVenues(
  venues: readonly ChosenVenue[],
  { places = PLACES, sides }: Pick<FeedOptions, 'places' | 'sides'>,
  { screen, ...target }: Feeding,
): Promise<number> {
  const counts = await feedVenues(venues, {
    ...target,
    ...(sides !== undefined && { sides }),
    folder: places,
    print: (text) => screen.print(text),
    status: (text) => screen.status(text),
  })
  const total = (name: keyof FeedCounts): number => counts.reduce((sum, each) => sum + each[name], 0)
  screen.print(
    `${count(total('filled'))} trades were fetched after they had not come, ${count(total('missing'))} are missing, ${count(total('duplicates'))} came twice`,
  )
  return total('trades')
}

async function putSynthetic(
  { symbols = SYMBOLS, interval: intervalSeconds = 1, seed = 1, batch = BATCH }: FeedOptions,
  { screen, signal, ...target }: Feeding,
): Promise<number> {
  const publisher = createPublisher({
    ...target,
    // A name of its own: two feeds of one name would number their records alike, and one would be taken for a duplicate.
    source: `synthetic-${randomUUID()}`,
    maxTicksPerRecord: batch,
  })
  const source = syntheticTicks({
    symbols: namesOf(symbols),
    seed,
    intervalSeconds,
    start: Date.now(),
  })
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

import { randomUUID } from 'node:crypto'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import { UsageError } from '../terminal/errors.ts'
import { replayFile } from '../stage/replay-source.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { tellTrouble } from '../terminal/stream-trouble.ts'

export type FeedOptions = {
  readonly source: 'synthetic' | 'replay'
  readonly stream: string
  readonly symbols: number
  readonly interval: number
  readonly seed: number
  readonly batch: number
}

/** Puts ticks on the stream of a running deployment until the source ends or it is interrupted. */
export async function feed(files: readonly string[], options: FeedOptions): Promise<number> {
  if (options.source === 'replay' && files.length === 0) throw new UsageError('name the files to replay')
  if (options.source === 'synthetic' && files.length > 0)
    throw new UsageError(
      `--source synthetic takes no files; ${files[0]} is one. Did you mean --source replay?`,
    )
  const screen = openScreen()
  const kinesis = kinesisPort(createKinesisClient())
  const signal = onInterrupt(() =>
    screen.print('stopping; what was read is put first (Ctrl-C again: at once)'),
  )
  const onStatus = tellTrouble(screen)
  let ticks = 0
  if (options.source === 'replay') {
    for (const file of files) {
      const result = await replayFile(file, {
        kinesis,
        stream: options.stream,
        ticksPerRecord: options.batch,
        signal,
        onBadRow: ({ line, reason, text }) =>
          screen.print(`${file}:${line}: ${reason}: ${text.slice(0, 120)}`),
        onProgress: (share) => screen.status(`replaying ${file}: ${Math.round(share * 100)} %`),
        onStatus,
      })
      ticks += result.ticks
      if (signal.aborted) break
    }
  } else {
    const publisher = createPublisher({
      kinesis,
      stream: options.stream,
      // A name of its own: the record numbers of two feeds of one name would make ticks of one duplicates of the other's.
      source: `synthetic-${randomUUID()}`,
      maxTicksPerRecord: options.batch,
      onStatus,
    })
    const { interval: intervalSeconds, seed } = options
    const source = syntheticTicks({
      symbols: symbolNames(options.symbols),
      seed,
      intervalSeconds,
      start: Date.now(),
    })
    const shown = setInterval(
      () => screen.status(`${count(publisher.stats().ticksAcknowledged)} ticks put`),
      1000,
    )
    try {
      ticks = (await runFeed({ source, publisher, pace: 'live', signal })).ticks
      await publisher.close()
    } finally {
      clearInterval(shown)
    }
  }
  screen.end()
  screen.print(`${count(ticks)} ticks put on ${options.stream}`)
  return 0
}

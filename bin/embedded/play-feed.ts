import { join } from 'node:path'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import { deployedFlags } from '../stage/flags.ts'
import { reportTrouble } from '../stage/stream-trouble.ts'
import { count, type Screen } from '../terminal/screen.ts'
import { printClosedBars } from './closed-bars.ts'
import type { Deployment } from './deployment.ts'
import { noteFedUntil, readFedUntil, writeFedUntil } from './fed-until.ts'
import type { FigureReader } from './figures.ts'
import { LOG_FILE } from './function-log.ts'
import { lateIn, reportHeadway } from './headway.ts'
import { StuckError } from './settle.ts'
import { statusLine } from './status-line.ts'

export type FeedOptions = {
  readonly symbols: number
  /** Seconds between two ticks of a symbol. */
  readonly interval: number
  /** Minutes played before the live feed. */
  readonly history: number
  readonly seed: number
  /** False: somebody else puts ticks on the stream. */
  readonly feed: boolean
}

/** What a feed works with. */
export type Live = {
  readonly options: FeedOptions
  /** Path of the data folder. */
  readonly data: string
  readonly screen: Screen
  readonly figures: FigureReader
  /** Ends the feed. */
  readonly signal: AbortSignal
}

/** Plays the ticks of the last minutes at full speed, as far as an earlier start has not, and waits for their bars. */
export async function playHistory(deployment: Deployment, live: Live): Promise<void> {
  const { options, data, screen, figures, signal } = live
  const now = Date.now()
  const from = now - options.history * 60_000
  const begin = Math.max(from, readFedUntil(join(data, 'fed-until')) ?? 0)
  if (begin >= now) return
  const publisher = publisherOf(deployment, { screen, maxAgeMs: Infinity })
  const expected = Math.max(1, ((now - begin) / 1000 / options.interval) * options.symbols)
  const shown = setInterval(() => {
    const { bars, ticks } = figures.get()
    const share = Math.min(100, Math.floor((100 * ticks) / expected))
    screen.status(`history ${share} %  ${count(ticks)} ticks  ${count(bars)} bars`)
  }, 250)
  try {
    const source = synthetic(options, { start: begin, end: now }, data)
    await runFeed({ source, publisher, pace: 'full-speed', signal })
    await publisher.close()
    if (await isAggregating(deployment, screen)) await settled(deployment, live)
  } finally {
    clearInterval(shown)
  }
  const { ticks, bars } = figures.get()
  const seconds = (Date.now() - now) / 1000
  screen.print(
    `history: ${count(ticks)} ticks, ${count(bars)} bars in ${seconds.toFixed(1)} s (${count(ticks / seconds)} ticks/s)`,
  )
  figures.startLive()
}

/** Shows status line and closed bars until it is interrupted; with a feed, puts its ticks as they are due. */
export async function runLive(deployment: Deployment, live: Live): Promise<void> {
  const { options, data, screen, figures, signal } = live
  // Interrupted in the middle of the history: the next start continues there.
  if (signal.aborted) return
  const report = reportHeadway(screen, join(data, LOG_FILE))
  const shown = setInterval(() => {
    const late = lateIn(deployment.runtime.lag())
    report(late)
    screen.status(statusLine(figures.get(), screen.width, late))
  }, 1000)
  const endBars = printClosedBars(deployment.readOnlyUrl, {
    screen,
    written: () => figures.get().written,
  })
  try {
    if (!options.feed) return await aborted(signal)
    const begin = Math.max(Date.now() - 1000, readFedUntil(join(data, 'fed-until')) ?? 0)
    const publisher = publisherOf(deployment, { screen, maxAgeMs: 100 })
    await runFeed({ source: synthetic(options, { start: begin }, data), publisher, pace: 'live', signal })
    await publisher.close()
    writeFedUntil(join(data, 'fed-until'), Date.now())
  } finally {
    clearInterval(shown)
    endBars()
  }
}

/** False, with a line about it, while the flag is off: ticks then stay on the stream, and no bar is waited for. */
export async function isAggregating({ runtime }: Deployment, screen: Screen): Promise<boolean> {
  const flags = await deployedFlags('local', runtime.environment).list()
  if (flags.get('aggregation') === 'on') return true
  screen.print('the flag aggregation is off: ticks stay on the stream (npx tickstock flag aggregation on)')
  return false
}

/** Waits for the bars of the history; a part that is stuck keeps neither the live feed from starting nor Ctrl-C. */
async function settled(deployment: Deployment, { screen, signal }: Live): Promise<void> {
  const bars = deployment.settle().catch((error: unknown) => {
    if (!(error instanceof StuckError)) throw error
    if (!signal.aborted) screen.print(`${error.message}; the live feed starts without them`)
  })
  await Promise.race([bars, aborted(signal)])
}

function publisherOf(
  { runtime, ticksStream }: Deployment,
  { screen, maxAgeMs }: { readonly screen: Screen; readonly maxAgeMs: number },
) {
  const kinesis = kinesisPort(createKinesisClient(runtime.environment))
  return createPublisher({
    kinesis,
    stream: ticksStream,
    source: 'synthetic',
    maxAgeMs,
    onStatus: reportTrouble(screen),
  })
}

function synthetic(
  { symbols, interval: intervalSeconds, seed }: FeedOptions,
  span: { readonly start: number; readonly end?: number },
  data: string,
) {
  const ticks = syntheticTicks({ symbols: symbolNames(symbols), seed, intervalSeconds, ...span })
  return noteFedUntil(ticks, join(data, 'fed-until'))
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

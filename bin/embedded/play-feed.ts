import { join } from 'node:path'

import type { Encoding } from '../../feed/encode-record.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { deployedFlags } from '../stage/flags.ts'
import { reportTrouble } from '../stage/stream-trouble.ts'
import { count, type Screen } from '../terminal/screen.ts'
import { printClosedBars } from './closed-bars.ts'
import type { Deployment } from './deployment.ts'
import { type Fed, readFed } from './fed-until.ts'
import type { FigureReader } from './figures.ts'
import { LOG_FILE } from './function-log.ts'
import { lateIn, reportHeadway } from './headway.ts'
import { putTicks, type PutTicksOptions } from './put-ticks.ts'
import { StuckError } from './settle.ts'
import { statusLine } from './status-line.ts'

export type FeedOptions = {
  readonly symbols: readonly string[]
  /** Seconds between two ticks of a symbol. */
  readonly interval: number
  /** Minutes played before the live feed. */
  readonly history: number
  readonly seed: number
  /** @default compact */
  readonly encoding?: Encoding | undefined
}

/** The file of the data folder that says how far the feed is on the stream. */
const FED_UNTIL = 'fed-until'

const MINUTE_MS = 60_000

/**
 * A call each quarter of a second for all symbols, as often as clients receive ticks, not one for each trade: each wakes all
 * functions that read the stream.
 */
export const LIVE_AGE = { maxAgeMs: 250, coalesceMs: 250 } as const

/** What a feed works with. */
export type Live = {
  /** Path of the data folder. */
  readonly data: string
  readonly screen: Screen
  readonly figures: FigureReader
  /** Ends the feed. */
  readonly signal: AbortSignal
}

/**
 * Plays the ticks of the last minutes at full speed, as far as an earlier start has not, and waits for their bars.
 *
 * @returns what is on the stream: the live feed is to go on from there
 */
export async function playHistory(deployment: Deployment, live: Live, options: FeedOptions): Promise<Fed> {
  const { data, screen, figures } = live
  const startedAt = Date.now()
  // Whole minutes: the clock would close the last one, and what the live feed adds to it would come late.
  const end = startedAt - (startedAt % MINUTE_MS)
  const from = end - options.history * MINUTE_MS
  const before = readFed(join(data, FED_UNTIL))
  const begin = Math.max(from, before?.until ?? 0)
  const since = before !== undefined && before.until >= from ? before.since : begin
  if (begin >= end) return { since, until: begin }
  const expected = Math.max(1, ((end - begin) / 1000 / options.interval) * options.symbols.length)
  const shown = setInterval(() => {
    const { bars, ticks } = figures.get()
    const share = Math.min(100, Math.floor((100 * ticks) / expected))
    screen.status(`history ${share} %  ${count(ticks)} ticks  ${count(bars)} bars`)
  }, 250)
  try {
    await put(deployment, live, {
      market: options,
      start: begin,
      end,
      since,
      pace: 'full-speed',
      maxAgeMs: Infinity,
      ...(options.encoding && { encoding: options.encoding }),
    })
    if (await isAggregating(deployment, screen)) await settled(deployment, live)
  } finally {
    clearInterval(shown)
  }
  const { ticks, bars } = figures.get()
  const seconds = (Date.now() - startedAt) / 1000
  screen.print(
    `history: ${count(ticks)} ticks, ${count(bars)} bars in ${seconds.toFixed(1)} s (${count(ticks / seconds)} ticks/s)`,
  )
  figures.startLive()
  return { since, until: end }
}

/** Puts the ticks of now, and at once those since what is on the stream, until it is interrupted. */
export function putLive(
  deployment: Deployment,
  live: Live,
  { options, fed }: { readonly options: FeedOptions; readonly fed: Fed },
): Promise<void> {
  return put(deployment, live, {
    market: options,
    start: fed.until,
    since: fed.since,
    pace: 'live',
    ...LIVE_AGE,
    ...(options.encoding && { encoding: options.encoding }),
  })
}

/**
 * Shows status line and closed bars until it is interrupted.
 *
 * @param feed puts ticks until then; without it somebody else does
 */
export async function runLive(
  deployment: Deployment,
  live: Live,
  feed?: () => Promise<unknown>,
): Promise<void> {
  const { data, screen, figures, signal } = live
  // Interrupted in the middle of the history: the next start continues there.
  if (signal.aborted) return
  const report = reportHeadway(screen, join(data, LOG_FILE))
  const shown = setInterval(() => {
    const late = lateIn(deployment.runtime.lag())
    report(late)
    screen.status(statusLine(figures.get(), screen.width, late))
  }, 1000)
  const endBars = printClosedBars(deployment.readOnlyUrl, { screen, figures })
  try {
    await (feed === undefined ? aborted(signal) : feed())
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

/** Puts the ticks of a span on the stream of the deployment. */
function put(
  { runtime, ticksStream }: Deployment,
  { data, screen, signal }: Live,
  span: Omit<PutTicksOptions, 'kinesis' | 'stream' | 'onStatus' | 'clock' | 'file' | 'signal'>,
): Promise<void> {
  return putTicks({
    kinesis: kinesisPort(createKinesisClient(runtime.environment)),
    stream: ticksStream,
    onStatus: reportTrouble(screen),
    file: join(data, FED_UNTIL),
    signal,
    ...span,
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

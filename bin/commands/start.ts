import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import type { FunctionLogLine } from 'embedded-aws'
import { mayBeRunning } from 'embedded-aws/postgres'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import { takeDataFolder } from '../embedded/data-folder.ts'
import { type Deployment, startDeployment } from '../embedded/deployment.ts'
import { UsageError } from '../terminal/errors.ts'
import { noteFedUntil, readFedUntil, writeFedUntil } from '../embedded/fed-until.ts'
import { FigureReader } from '../embedded/figures.ts'
import { deployedFlags } from '../stage/flags.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { openRotatingLog } from '../terminal/rotating-log.ts'
import { count, openScreen, type Screen } from '../terminal/screen.ts'
import { describeWaiting, StuckError, type Waiting } from '../embedded/settle.ts'
import { statusLine } from '../terminal/status-line.ts'
import { tellTrouble } from '../terminal/stream-trouble.ts'
import { refuseTakenPorts } from '../embedded/taken-ports.ts'

export type StartOptions = {
  readonly symbols: number
  readonly interval: number
  readonly history: number
  readonly seed: number
  readonly feed: boolean
  readonly port: number
  readonly data: string
  readonly fresh: boolean
}

const LOG_FILE = 'functions.log'
/** How long a stop may take once something has gone wrong, in milliseconds. */
const STOP_MS = 10_000

/** Runs TickStock on this machine until it is interrupted. */
export async function start(options: StartOptions): Promise<number> {
  const folder = takeDataFolder(options.data)
  try {
    await refuseTakenPorts({
      'the AWS endpoint': options.port,
      // The server of a start that was killed is stopped first.
      ...(!mayBeRunning(join(folder.path, 'postgres')) && { Postgres: options.port + 1 }),
    })
    if (options.fresh) folder.clear()
    return await startIn(folder.path, options)
  } finally {
    folder.release()
  }
}

async function startIn(data: string, options: StartOptions): Promise<number> {
  const screen = openScreen()
  const figures = new FigureReader()
  const interrupted = onInterrupt(() =>
    screen.print('stopping: open minutes are closed and written (Ctrl-C again: at once)'),
  )
  const starting = startDeployment({
    data,
    port: options.port,
    databasePort: options.port + 1,
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: logTo(join(data, LOG_FILE), { figures, screen }),
  })
  const deployment = await starting.catch((error: unknown) => {
    // Ctrl-C ends the CDK app that is synthesizing, too.
    if (interrupted.aborted) throw new UsageError('stopped before it was up', { cause: error })
    throw error
  })
  const work = async (): Promise<void> => {
    if (interrupted.aborted) return
    if (options.feed) await playHistory(deployment, { options, data, screen, figures, signal: interrupted })
    introduce(deployment, { screen, data, symbols: symbolNames(options.symbols) })
    await runLive(deployment, { options, data, screen, figures, signal: interrupted })
    screen.status('writing the last bars ...')
    if (await aggregates(deployment, screen))
      await deployment.flush({
        onWaiting: (waiting) => screen.status(`writing the last bars: ${waitingFor(waiting)}`),
      })
  }
  const databaseEnds = deployment.postgres.ended.then(() => {
    throw new UsageError(
      `Postgres has ended, so no bar can be written; the ticks are kept on the stream. Start again: it goes on from ${data}`,
    )
  })
  // It ends in the end because it is told to.
  databaseEnds.catch(() => {})
  try {
    await Promise.race([work(), databaseEnds])
  } catch (error) {
    // A function that hangs would hold up the stop as well.
    await Promise.race([deployment.stop(), setTimeout(STOP_MS)])
    screen.end()
    if (!(error instanceof StuckError)) throw error
    throw new UsageError(
      `stopped, but ${error.message}. What is left is kept in ${data}, and the next start goes on from it; errors are in ${join(data, LOG_FILE)}`,
      { cause: error },
    )
  }
  await deployment.stop()
  screen.end()
  screen.print(`stopped; ${count(figures.get().bars)} bars were written. The next start goes on from ${data}`)
  return 0
}

type Live = {
  readonly options: StartOptions
  readonly data: string
  readonly screen: Screen
  readonly figures: FigureReader
  readonly signal: AbortSignal
}

async function playHistory(deployment: Deployment, live: Live): Promise<void> {
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
    await runFeed({
      source: synthetic(options, { start: begin, end: now }, data),
      publisher,
      pace: 'full-speed',
      signal,
    })
    await publisher.close()
    if (await aggregates(deployment, screen)) await settled(deployment, live)
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

/** Waits for the bars of the history; a part that is stuck does not keep the live feed from starting, nor Ctrl-C. */
async function settled(deployment: Deployment, { screen, signal }: Live): Promise<void> {
  const bars = deployment.settle().catch((error: unknown) => {
    if (!(error instanceof StuckError)) throw error
    if (!signal.aborted) screen.print(`${error.message}; going on without them`)
  })
  await Promise.race([bars, aborted(signal)])
}

function waitingFor(waiting: readonly Waiting[]): string {
  return `${describeWaiting(waiting)} (Ctrl-C: stop at once; they are kept)`
}

/** False, and told, while the flag is off: then ticks stay on the stream, and nobody waits for their bars. */
async function aggregates({ runtime }: Deployment, screen: Screen): Promise<boolean> {
  const flags = await deployedFlags('local', runtime.environment).list()
  if (flags.get('aggregation') === 'on') return true
  screen.print('the flag aggregation is off: ticks stay on the stream (npm run flag -- aggregation on)')
  return false
}

async function runLive(deployment: Deployment, live: Live): Promise<void> {
  const { options, data, screen, figures, signal } = live
  // Stopped in the middle of the history: the next start goes on there.
  if (signal.aborted) return
  const shown = setInterval(() => screen.status(statusLine(figures.get(), screen.width)), 1000)
  try {
    if (!options.feed) return await aborted(signal)
    const begin = Math.max(Date.now() - 1000, readFedUntil(join(data, 'fed-until')) ?? 0)
    const publisher = publisherOf(deployment, { screen, maxAgeMs: 100 })
    await runFeed({ source: synthetic(options, { start: begin }, data), publisher, pace: 'live', signal })
    await publisher.close()
    writeFedUntil(join(data, 'fed-until'), Date.now())
  } finally {
    clearInterval(shown)
  }
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
    onStatus: tellTrouble(screen),
  })
}

function synthetic(
  options: StartOptions,
  span: { readonly start: number; readonly end?: number },
  data: string,
) {
  const { interval: intervalSeconds, seed } = options
  const ticks = syntheticTicks({ symbols: symbolNames(options.symbols), seed, intervalSeconds, ...span })
  return noteFedUntil(ticks, join(data, 'fed-until'))
}

function introduce(
  { runtime, readOnlyUrl, ticksStream, api, webSocketUrl }: Deployment,
  { screen, data, symbols }: { screen: Screen; data: string; symbols: readonly string[] },
): void {
  screen.print(
    [
      '',
      `Postgres   ${readOnlyUrl}   (read only)`,
      `API        curl -H 'x-api-key: ${api.key}' '${api.url}/v1/bars/latest?symbols=${symbols[0]}'   (${api.url}/docs)`,
      ...(webSocketUrl === undefined
        ? []
        : [
            `WebSocket  npm run watch -- --url ${webSocketUrl} --key ${api.key} --symbols ${symbols.slice(0, 2).join(',')}`,
          ]),
      `AWS        export AWS_ENDPOINT_URL=${runtime.endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
      `stream     ${ticksStream}`,
      `data       ${data}   (logs of the functions: functions.log)`,
      'stop       Ctrl-C',
      '',
    ].join('\n'),
  )
}

/** Metrics go to the figures, all else to the log file, and trouble to the screen as well. */
function logTo(file: string, { figures, screen }: { figures: FigureReader; screen: Screen }) {
  const write = openRotatingLog(file)
  let told = ''
  return ({ functionName, stream, text }: FunctionLogLine): void => {
    if (figures.read(text)) return
    const line = `${functionName} ${text}`
    write(line)
    const isError = stream === 'mapping' ? text.startsWith('error ') : /"level":"(ERROR|CRITICAL)"/.test(text)
    // The mapping says the same each time that it tries again.
    if (!isError || (stream === 'mapping' && line === told)) return
    told = line
    screen.print(`${functionName}: ${text.slice(0, 300)}`)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

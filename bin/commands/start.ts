import { accessSync, appendFileSync, constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import { lockDataFolder } from '../../localstack/embedded/data-folder-lock.ts'
import type { FunctionLogLine } from '../../localstack/embedded/runtime.ts'
import { type Deployment, startDeployment } from '../local/deployment.ts'
import { UsageError } from '../local/errors.ts'
import { noteFedUntil, readFedUntil, writeFedUntil } from '../local/fed-until.ts'
import { FigureReader, type Figures } from '../local/figures.ts'
import { deployedFlags } from '../local/flags.ts'
import { onInterrupt } from '../local/interrupt.ts'
import { count, openScreen, type Screen } from '../local/screen.ts'
import { tellTrouble } from '../local/stream-trouble.ts'

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

/** Runs TickStock on this machine until it is interrupted. */
export async function start(options: StartOptions): Promise<number> {
  const screen = openScreen()
  const data = prepareFolder(options)
  const figures = new FigureReader()
  const interrupted = onInterrupt(() =>
    screen.print('stopping: open minutes are closed and written (Ctrl-C again: at once)'),
  )
  const deployment = await startDeployment({
    data,
    port: options.port,
    databasePort: options.port + 1,
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: logTo(join(data, 'functions.log'), { figures, screen }),
  })
  const work = async (): Promise<void> => {
    if (options.feed) await playHistory(deployment, { options, data, screen, figures, signal: interrupted })
    introduce(deployment, { screen, data, symbols: symbolNames(options.symbols) })
    await runLive(deployment, { options, data, screen, figures, signal: interrupted })
    screen.status('writing the last bars ...')
    if (await aggregates(deployment, screen)) await deployment.flush()
  }
  const databaseEnds = deployment.postgres.ended.then(() => {
    throw new UsageError(
      `Postgres has ended, so no bar can be written; the ticks are kept on the stream. Start again: it goes on from ${data}`,
    )
  })
  try {
    await Promise.race([work(), databaseEnds])
  } finally {
    // It ends now because it is told to.
    databaseEnds.catch(() => {})
    await deployment.stop()
  }
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
    if (await aggregates(deployment, screen)) await deployment.settle()
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
  const shown = setInterval(() => screen.status(statusLine(figures.get())), 1000)
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
      `WebSocket  npm run watch -- --url ${webSocketUrl} --key ${api.key} --symbols ${symbols.slice(0, 2).join(',')}`,
      `AWS        export AWS_ENDPOINT_URL=${runtime.endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
      `stream     ${ticksStream}`,
      `data       ${data}   (logs of the functions: functions.log)`,
      'stop       Ctrl-C',
      '',
    ].join('\n'),
  )
}

function statusLine(figures: Figures): string {
  const { latencyP50, latencyP99 } = figures
  const latency =
    latencyP50 === undefined ? '-' : `${count(latencyP50)}/${count(latencyP99 ?? latencyP50)} ms`
  const { lastPattern } = figures
  // What matters most comes first: a narrow terminal cuts off the end.
  return [
    `${count(figures.ticksPerSecond)} ticks/s`,
    `${count(figures.symbols)} symbols`,
    `${count(figures.bars)} bars`,
    `bar latency p50/p99 ${latency}`,
    `${count(figures.late)} late`,
    `${count(figures.duplicates)} duplicate`,
    `${count(figures.rejected)} rejected`,
    `${count(figures.indicators)} indicators`,
    `${count(figures.patterns)} patterns${lastPattern === undefined ? '' : ` (last ${lastPattern})`}`,
  ].join('  ')
}

/** Metrics go to the figures, all else to the log file, and trouble to the screen as well. */
function logTo(file: string, { figures, screen }: { figures: FigureReader; screen: Screen }) {
  return ({ functionName, text }: FunctionLogLine): void => {
    if (figures.read(text)) return
    appendFileSync(file, `${functionName} ${text}\n`)
    if (/"level":"(ERROR|CRITICAL)"/.test(text)) screen.print(`${functionName}: ${text.slice(0, 300)}`)
  }
}

function prepareFolder({ data, fresh }: StartOptions): string {
  const folder = resolve(data)
  if (fresh) clear(folder)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`the data folder ${folder} cannot be used (${reason}); choose another with --data`)
  }
  return folder
}

/** Empties a data folder, unless it is in use or none of ours. */
function clear(folder: string): void {
  if (!existsSync(folder)) return
  const [streams, database] = [join(folder, 'aws'), join(folder, 'postgres')]
  if (existsSync(streams)) lockDataFolder(streams)()
  else if (!existsSync(database) && readdirSync(folder).length > 0)
    throw new UsageError(
      `${folder} is no data folder of TickStock, and --fresh would delete what is in it; name another with --data, or empty it yourself`,
    )
  rmSync(folder, { recursive: true, force: true })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import * as z from 'zod'

import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { createPublisher } from '../../feed/publisher.ts'
import { runFeed } from '../../feed/run-feed.ts'
import { symbolNames } from '../../feed/symbols.ts'
import { syntheticTicks } from '../../feed/synthetic.ts'
import { connected } from '../stage/connected.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { type Figures, FigureReader } from './figures.ts'
import { postgresFigures } from './process-figures.ts'
import { startStorm, type Storm } from './storm.ts'
import { UsageError } from '../terminal/errors.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'
import { printLine, printText } from '../terminal/print.ts'

export type LoadOptions = {
  readonly symbols: number
  readonly rate: number
  readonly seconds: number
  readonly affinity?: 'shard' | 'none'
  /** Clients that connect, subscribe and leave meanwhile. */
  readonly storm: number
  readonly json?: boolean
}

const MINUTE_MS = 60_000
const WARM_UP_MINUTES = 15
const GENERATOR = fileURLToPath(new URL('./load-generator.ts', import.meta.url))
const generated = z.object({ ticks: z.int() })

type Row = { readonly name: string; readonly value: number; readonly unit: string; readonly aim?: string }

/** Puts a live load on a throw-away deployment; fails when a tick is not accounted for or the lag grows. */
export async function load(options: LoadOptions): Promise<number> {
  return await inThrowAwayFolder('load', (data) => loadIn(data, options))
}

async function loadIn(data: string, options: LoadOptions): Promise<number> {
  const screen = openScreen(options.json ? process.stderr : process.stdout)
  const figures = new FigureReader()
  const deployment = await startDeployment({
    data,
    durability: 'none',
    ...(options.affinity && { affinity: options.affinity }),
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: ({ text }) => void figures.read(text),
  })
  try {
    const result = await measure(deployment, { options, figures, status: (text) => screen.status(text) })
    screen.end()
    if (options.json) printText(`${JSON.stringify(result, undefined, 2)}\n`)
    else for (const row of result.rows) printLine(format(row))
    return result.isComplete && !result.isLagging ? 0 : 1
  } finally {
    await deployment.stop()
  }
}

async function measure(
  deployment: Deployment,
  {
    options,
    figures,
    status,
  }: {
    readonly options: LoadOptions
    readonly figures: FigureReader
    readonly status: (text: string) => void
  },
) {
  const { runtime } = deployment
  await warmUp(deployment, options.symbols)
  const warmUps = await tradeCount(deployment.readOnlyUrl)
  figures.startLive()
  const lags: number[] = []
  const before = process.cpuUsage()
  const postgresBefore = await connected(deployment.readOnlyUrl, postgresFigures)
  const cpuBefore = await runtime.functions()
  const started = performance.now()
  const storm =
    options.storm === 0
      ? undefined
      : startStorm(deployment, { clients: options.storm, symbols: symbolNames(options.symbols) })
  // In a process of its own: what is measured is the pipeline.
  const generator = fork(GENERATOR, [deployment.ticksStream, JSON.stringify(options)], {
    env: { ...process.env, ...runtime.environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const sampled = setInterval(() => {
    const lag = runtime
      .lag()
      .filter(isLive)
      .reduce((most, { oldestMs }) => Math.max(most, oldestMs), 0)
    lags.push(lag)
    status(
      `load ${count(figures.get().ticks)} ticks  ${count(figures.get().bars)} bars  lag ${count(lag)} ms`,
    )
  }, 1000)
  const ended = once(generator, 'disconnect').then(() => {
    throw new UsageError('the process that puts the load ended before its time; why is said above')
  })
  const [message] = await Promise.race([once(generator, 'message'), ended])
  clearInterval(sampled)
  const { ticks } = generated.parse(message)
  const stormed = await storm?.stop()
  await deployment.settle()
  const seconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage(before)
  const postgres = await connected(deployment.readOnlyUrl, postgresFigures)
  const functions = await runtime.functions()
  // The flush closes bars that no tick closed: they have no latency to measure.
  const latest = figures.get()
  const { latencyP50, latencyP99, signalLatencyP50, signalLatencyP99 } = latest
  await deployment.flush()
  const accounted = (await tradeCount(deployment.readOnlyUrl)) - warmUps
  const postgresCpuMs = (postgres?.cpuMs ?? Number.NaN) - (postgresBefore?.cpuMs ?? Number.NaN)
  const third = Math.ceil(lags.length / 3)
  const [early, late] = [mean(lags.slice(0, third)), mean(lags.slice(-third))]
  const rows: Row[] = [
    { name: 'ticks put', value: ticks, unit: '' },
    { name: 'ticks in bars', value: accounted, unit: '', aim: 'the same' },
    { name: 'ticks/s', value: ticks / seconds, unit: '' },
    { name: 'bar latency p50', value: latencyP50 ?? Number.NaN, unit: 'ms' },
    { name: 'bar latency p99', value: latencyP99 ?? Number.NaN, unit: 'ms', aim: '<= 60' },
    { name: 'signals latency p50', value: signalLatencyP50 ?? Number.NaN, unit: 'ms' },
    { name: 'signals latency p99', value: signalLatencyP99 ?? Number.NaN, unit: 'ms', aim: '<= 100' },
    ...(stormed === undefined ? [] : stormRows(stormed, latest)),
    { name: 'lag, first third', value: early, unit: 'ms' },
    { name: 'lag, last third', value: late, unit: 'ms', aim: 'does not grow' },
    ...Object.entries(functions).flatMap(([name, now]) => [
      {
        name: `${name} cpu`,
        value: (now.cpuMs - (cpuBefore[name]?.cpuMs ?? 0)) / 1000 / seconds,
        unit: 'cores',
        ...(name.endsWith('-aggregator') && { aim: '<= 0.3' }),
      },
      {
        name: `${name} memory`,
        value: now.memoryBytes / 1e6,
        unit: 'MB',
        ...(name.endsWith('-aggregator') && { aim: '<= 80' }),
      },
    ]),
    { name: 'Postgres cpu', value: postgresCpuMs / 1000 / seconds, unit: 'cores' },
    { name: 'Postgres memory', value: (postgres?.memoryBytes ?? Number.NaN) / 1e6, unit: 'MB' },
    {
      name: 'whole runtime cpu, with Postgres',
      value: (cpu.user + cpu.system) / 1e6 / seconds + postgresCpuMs / 1000 / seconds,
      unit: 'cores',
    },
    {
      name: 'whole runtime memory, with Postgres',
      value: (process.memoryUsage.rss() + (postgres?.memoryBytes ?? Number.NaN)) / 1e6,
      unit: 'MB',
    },
  ]
  return { isComplete: accounted === ticks, isLagging: late > early * 2 + 200, rows }
}

function stormRows(
  { connections, refused, subscriptions, records }: Storm,
  { broadcastLatencyP50, broadcastLatencyP99 }: Figures,
): readonly Row[] {
  return [
    { name: 'broadcast latency p50', value: broadcastLatencyP50 ?? Number.NaN, unit: 'ms' },
    { name: 'broadcast latency p99', value: broadcastLatencyP99 ?? Number.NaN, unit: 'ms' },
    { name: 'connections made', value: connections, unit: '' },
    { name: 'connections refused', value: refused, unit: '' },
    { name: 'subscriptions answered', value: subscriptions, unit: '' },
    { name: 'records received', value: records, unit: '' },
  ]
}

/** Puts a quarter of an hour of the same symbols through all parts, so that the functions are warm. */
async function warmUp(deployment: Deployment, symbols: number): Promise<void> {
  const { runtime, ticksStream } = deployment
  const kinesis = kinesisPort(createKinesisClient(runtime.environment))
  const publisher = createPublisher({ kinesis, stream: ticksStream, source: 'warm-up' })
  const end = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  const source = syntheticTicks({
    symbols: symbolNames(symbols),
    seed: 1,
    intervalSeconds: 1,
    start: end - WARM_UP_MINUTES * MINUTE_MS,
    end,
  })
  await runFeed({ source, publisher, pace: 'full-speed' })
  await publisher.close()
  await deployment.flush()
}

function tradeCount(url: string): Promise<number> {
  return connected(url, async (client) => {
    const { rows } = await client.query('SELECT coalesce(sum(trade_count), 0)::text AS ticks FROM ohlcv_1min')
    return Number(z.object({ ticks: z.string() }).parse(rows[0]).ticks)
  })
}

/** The archiver gathers records for seconds, and its lag says nothing of the bars. */
function isLive({ functionName }: { readonly functionName: string }): boolean {
  return !functionName.endsWith('-archiver')
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function format({ name, value, unit, aim }: Row): string {
  // A short load may close no bar, and only Linux reports what Postgres uses.
  const shown = Number.isNaN(value) ? 'none' : value >= 1000 ? count(value) : value.toFixed(2)
  return `${name.padEnd(40)} ${shown.padStart(12)} ${unit.padEnd(6)}${aim === undefined ? '' : ` aim ${aim}`}`
}

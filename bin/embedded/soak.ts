import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import * as z from 'zod'

import { symbolNames } from '../../feed/symbols.ts'
import { createKinesisClient, kinesisPort } from '../../feed/kinesis-client.ts'
import { connected } from '../stage/connected.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { count, openScreen } from '../terminal/screen.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { FigureReader } from './figures.ts'
import { folderSize } from './folder-size.ts'
import { logFunctions } from './function-log.ts'
import { postgresFigures } from './process-figures.ts'
import { LIVE_AGE } from './play-feed.ts'
import { putTicks } from './put-ticks.ts'
import { growing, type Sample } from './soak-verdict.ts'
import { inThrowAwayFolder } from '../terminal/throw-away-folder.ts'

export type SoakOptions = {
  readonly minutes: number
  /** Seconds between two lines. */
  readonly every: number
  readonly symbols: number
  /** Ticks per symbol and second. */
  readonly rate: number
}

/** Runs a live feed into a throw-away deployment, shows what it takes, and fails when what should not grow does. */
export async function soak(options: SoakOptions): Promise<number> {
  return await inThrowAwayFolder('soak', (data) => soakIn(data, options))
}

async function soakIn(data: string, options: SoakOptions): Promise<number> {
  const screen = openScreen()
  const figures = new FigureReader()
  const signal = onInterrupt(() => screen.print('stopping (Ctrl-C again: stop at once)'))
  const deployment = await startDeployment({
    data,
    onProgress: (doing) => screen.status(`${doing} ...`),
    onLog: logFunctions(join(data, 'functions.log'), { figures, screen }),
  })
  const ending = new AbortController()
  try {
    const feeding = putTicks({
      kinesis: kinesisPort(createKinesisClient(deployment.runtime.environment)),
      stream: deployment.ticksStream,
      market: { symbols: symbolNames(options.symbols), interval: 1 / options.rate, seed: 1 },
      start: Date.now(),
      pace: 'live',
      ...LIVE_AGE,
      file: join(data, 'fed-until'),
      signal: ending.signal,
    })
    screen.print(HEADER)
    const samples: Sample[] = []
    const begin = performance.now()
    while (!signal.aborted && performance.now() - begin < options.minutes * 60_000) {
      await wait(options.every * 1000, undefined, { signal }).catch(() => undefined)
      const sample = await sampleOf(deployment, data)
      samples.push(sample)
      screen.print(line((performance.now() - begin) / 60_000, sample, figures.get().bars))
    }
    ending.abort()
    await feeding
    const grown = growing(samples)
    for (const what of grown) screen.print(`${what} grows`)
    return grown.length === 0 ? 0 : 1
  } finally {
    ending.abort()
    await deployment.stop()
  }
}

const HEADER =
  ' minutes       bars  memory MB  Postgres MB  tables MB  files  streams MB  database MB  other MB  log MB'

const MB = 1024 * 1024
const DATABASE_SIZE = 'SELECT pg_database_size(current_database())::float8 AS bytes'
const sizeSchema = z.object({ bytes: z.number() })

async function sampleOf({ readOnlyUrl }: Deployment, data: string): Promise<Sample> {
  const all = folderSize(data)
  const [tables, streams] = [folderSize(join(data, 'aws/dynamodb')), folderSize(join(data, 'aws/kinesis'))]
  const postgresFolder = folderSize(join(data, 'postgres'))
  const log = folderSize(join(data, 'functions.log')).bytes + folderSize(join(data, 'functions.log.1')).bytes
  const { postgres, database } = await connected(readOnlyUrl, async (client) => ({
    postgres: await postgresFigures(client),
    // The folder of the server may lie elsewhere.
    database: sizeSchema.parse((await client.query(DATABASE_SIZE)).rows[0]).bytes,
  }))
  return {
    memoryMb: process.memoryUsage.rss() / MB,
    postgresMb: (postgres?.memoryBytes ?? Number.NaN) / MB,
    tablesMb: tables.bytes / MB,
    tableFiles: tables.files,
    streamsMb: streams.bytes / MB,
    databaseMb: database / MB,
    otherMb: (all.bytes - tables.bytes - streams.bytes - postgresFolder.bytes - log) / MB,
    logMb: log / MB,
  }
}

function line(minutes: number, sample: Sample, bars: number): string {
  const figures: readonly (readonly [text: string, width: number])[] = [
    [minutes.toFixed(1), 8],
    [count(bars), 9],
    [sample.memoryMb.toFixed(0), 9],
    [sample.postgresMb.toFixed(0), 11],
    [sample.tablesMb.toFixed(1), 9],
    [String(sample.tableFiles), 5],
    [sample.streamsMb.toFixed(1), 10],
    [sample.databaseMb.toFixed(1), 11],
    [sample.otherMb.toFixed(1), 8],
    [sample.logMb.toFixed(1), 6],
  ]
  return figures.map(([text, width]) => text.padStart(width)).join('  ')
}

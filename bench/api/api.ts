import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type RunningPostgres, startPostgres } from 'embedded-aws/postgres'
import { Client } from 'pg'
import * as z from 'zod'

import { symbolNames } from '../../feed/symbols.ts'
import { READ_SESSION } from '../../functions/api/read-session.ts'
import { openDatabase } from '../../functions/shared/postgres/database.ts'
import type { Aim, Figure } from '../measure.ts'
import { type Login, loginOf, migrate } from '../migrated-postgres.ts'
import { runClients } from './clients.ts'
import { explain } from '../../test/functions/api/plans.ts'
import { makeBars } from './year-of-bars.ts'

const SYMBOLS = symbolNames(70)
const DAYS = 365
const CLIENTS = 50
/** Functions that run at once, each with a connection. */
const INSTANCES = 10
const SECONDS = 15
const DAY_MS = 86_400_000

type Target = (symbol: string, day: string, others: string) => string

/** What is asked, for the n-th request of a client; and what its p99 aims at. */
const REQUESTS: Readonly<Record<string, { readonly target: Target; readonly aim?: Aim }>> = {
  latest: { target: (symbol) => `/v1/bars/latest?symbols=${symbol}`, aim: '< 50' },
  'a day of 1Min': {
    target: (symbol, day) => `/v1/bars/${symbol}?start=${day}&end=${day}T23:59:00Z`,
    aim: '< 50',
  },
  'a month of 1Hour': {
    target: (symbol, day) =>
      `/v1/bars/${symbol}?timeframe=1Hour&start=${dayAfter(day, -30)}&end=${day}T23:59:00Z`,
  },
  'ten symbols, a day of 1Min': {
    target: (_symbol, day, others) =>
      `/v1/bars?symbols=${others}&start=${day}&end=${day}T23:59:00Z&limit=10000`,
  },
}

/** Where the bars are made, and what is being done. */
export type ApiBenchOptions = {
  /** Kept, with its bars, for the next time; a throw-away folder when undefined. */
  readonly folder: string | undefined
  readonly onProgress: (doing: string) => void
}

/**
 * Latencies of the API on 10 million bars, 70 symbols times a year of minutes, and where its statements look. 50 clients
 * ask a process with ten instances of the function: each once a second, then each as soon as it has its answer.
 */
export async function benchApi({ folder, onProgress }: ApiBenchOptions): Promise<Figure[]> {
  const data = folder ?? mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const postgres = await startPostgres({ folder: data, durability: 'none' })
  const as = loginOf(postgres)
  try {
    await fill(postgres, as, onProgress)
    return [...(await looksOf(as)), ...(await latenciesOf(as, onProgress))]
  } finally {
    await postgres.stop()
    if (folder === undefined) rmSync(data, { recursive: true, force: true })
  }
}

/** Where Postgres looks for each request, by its plans. */
async function looksOf(as: Login): Promise<Figure[]> {
  const database = openDatabase(async () => as('app_readonly'), {
    ssl: false,
    applicationName: 'bench',
    ...READ_SESSION,
  })
  const figures: Figure[] = []
  for (const [name, { target }] of Object.entries(REQUESTS)) {
    await explain(database, targetOf(target, 0, 0))
    const { partitions, ways, planningMs, executionMs } = await explain(database, targetOf(target, 1, 1))
    const scanned = ways.includes('Seq Scan') ? 'a sequential scan' : 'by index'
    figures.push(
      { name: `${name}: partitions of ${DAYS}, ${scanned}`, value: partitions, unit: 'partitions' },
      { name: `${name}: planned and run in Postgres`, value: planningMs + executionMs, unit: 'ms' },
    )
  }
  await database.end()
  return figures
}

async function latenciesOf(as: Login, onProgress: (doing: string) => void): Promise<Figure[]> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [
    JSON.stringify({ credentials: as('app_readonly'), instances: INSTANCES }),
  ])
  const [message] = await once(child, 'message')
  const { port } = z.object({ port: z.int() }).parse(message)
  const figures: Figure[] = []
  for (const [name, { target, aim }] of Object.entries(REQUESTS)) {
    onProgress(`api: ${name} ...`)
    const load = { clients: CLIENTS, target: (client: number, n: number) => targetOf(target, client, n) }
    await runClients(port, { ...load, seconds: 2, everyMs: 0 })
    const paced = await runClients(port, { ...load, seconds: SECONDS, everyMs: 1000 })
    const greedy = await runClients(port, { ...load, seconds: SECONDS, everyMs: 0 })
    figures.push(
      { name: `${name}, once a second each, p50`, value: paced.p50, unit: 'ms' },
      { name: `${name}, once a second each, p99`, value: paced.p99, unit: 'ms', ...(aim && { aim }) },
      { name: `${name}, as fast as it goes`, value: greedy.perSecond, unit: 'req/s' },
      { name: `${name}, as fast as it goes, p50`, value: greedy.p50, unit: 'ms' },
      { name: `${name}, as fast as it goes, p99`, value: greedy.p99, unit: 'ms' },
    )
  }
  child.kill()
  return figures
}

async function fill(
  postgres: RunningPostgres,
  as: Login,
  onProgress: (doing: string) => void,
): Promise<void> {
  await migrate(postgres, as)
  const { username: user, password, ...rest } = as('tickstock_owner')
  const owner = new Client({ user, password, host: rest.host, port: rest.port, database: rest.dbname })
  await owner.connect()
  const { rows } = await owner.query('SELECT 1 FROM ohlcv_1min LIMIT 1')
  if (rows.length === 0) {
    await makeBars(owner, { symbols: SYMBOLS, days: DAYS }, (day) => {
      if (day % 73 === 0) onProgress(`api: ${day} of ${DAYS} days made`)
    })
  }
  await owner.end()
}

function targetOf(target: Target, client: number, n: number): string {
  const at = (client * 7 + n) % SYMBOLS.length
  const others = Array.from({ length: 10 }, (_, index) => SYMBOLS[(at + index) % SYMBOLS.length] ?? '')
  const today = new Date().toISOString().slice(0, 10)
  return target(SYMBOLS[at] ?? '', dayAfter(today, -1 - ((client * 13 + n) % 300)), others.join(','))
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/**
 * `npm run bench:api [-- FOLDER]`: latencies of the API on 10 million bars, 70 symbols times a year's minutes. They are made
 * in a throw-away database, or once in the folder given.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client } from 'pg'
import { z } from 'zod'

import { symbolNames } from '../../feed/symbols.ts'
import { READ_SESSION } from '../../functions/api/read-session.ts'
import { createMigrator } from '../../functions/migrator/migrator.ts'
import { openDatabase } from '../../functions/shared/postgres/database.ts'
import { prepareDatabase } from '../../localstack/embedded/postgres/prepare-database.ts'
import { startPostgres } from '../../localstack/embedded/postgres/start-postgres.ts'
import { type Latencies, runClients } from './clients.ts'
import { explain } from './plans.ts'
import { makeBars } from './year-of-bars.ts'

const SYMBOLS = symbolNames(70)
const DAYS = 365
const CLIENTS = 50
/** Functions that run at once, each with a connection. */
const INSTANCES = 10
const SECONDS = 15
const DAY_MS = 86_400_000

/** What is asked, for the n-th request of a client. */
const REQUESTS: Readonly<Record<string, (symbol: string, day: string, others: string) => string>> = {
  latest: (symbol) => `/v1/bars/latest?symbols=${symbol}`,
  'a day of 1Min': (symbol, day) => `/v1/bars/${symbol}?start=${day}&end=${day}T23:59:00Z`,
  'a month of 1Hour': (symbol, day) =>
    `/v1/bars/${symbol}?timeframe=1Hour&start=${dayAfter(day, -30)}&end=${day}T23:59:00Z`,
  'a day of 1Min, ten symbols': (_symbol, day, others) =>
    `/v1/bars?symbols=${others}&start=${day}&end=${day}T23:59:00Z&limit=10000`,
}

const [given] = process.argv.slice(2)
const folder = given ?? mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
const postgres = await startPostgres({ folder, durability: 'none' })
const place = { host: postgres.host, port: postgres.port, dbname: 'tickstock' }
const as = (username: string) => ({ username, password: `password of ${username}`, ...place })
try {
  await fill()
  const database = openDatabase(async () => as('app_readonly'), {
    ssl: false,
    applicationName: 'bench',
    ...READ_SESSION,
  })
  for (const [name, target] of Object.entries(REQUESTS)) {
    await explain(database, targetOf(target, 0, 0))
    const { partitions, ways, planningMs, executionMs } = await explain(database, targetOf(target, 1, 1))
    say(
      `plan      ${name}: ${partitions} of ${DAYS} partitions, ${ways.join(', ')}; ${planningMs.toFixed(1)} ms to plan, ${executionMs.toFixed(1)} ms to run`,
    )
  }
  await database.end()
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [
    JSON.stringify({ credentials: as('app_readonly'), instances: INSTANCES }),
  ])
  const [message] = await once(child, 'message')
  const { port } = z.object({ port: z.int() }).parse(message)
  for (const [name, target] of Object.entries(REQUESTS)) {
    const load = { clients: CLIENTS, target: (client: number, n: number) => targetOf(target, client, n) }
    await runClients(port, { ...load, seconds: 2, everyMs: 0 })
    report(
      `${name}, each client once a second`,
      await runClients(port, { ...load, seconds: SECONDS, everyMs: 1000 }),
    )
    report(`${name}, as fast as it goes`, await runClients(port, { ...load, seconds: SECONDS, everyMs: 0 }))
  }
  child.kill()
} finally {
  await postgres.stop()
  if (given === undefined) rmSync(folder, { recursive: true, force: true })
}
process.exit()

async function fill(): Promise<void> {
  await prepareDatabase({
    superuser: postgres.superuser,
    database: place.dbname,
    owner: as('tickstock_owner'),
  })
  await createMigrator({
    credentials: {
      owner: async () => as('tickstock_owner'),
      write: async () => as('app_readwrite'),
      read: async () => as('app_readonly'),
    },
    secrets: new Map(),
    ssl: false,
    retentionDays: 3650,
    partitionsAhead: 1,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })({ type: 'migrate' })
  const { username: user, password, ...rest } = as('tickstock_owner')
  const owner = new Client({ user, password, host: rest.host, port: rest.port, database: rest.dbname })
  await owner.connect()
  const { rows } = await owner.query('SELECT 1 FROM ohlcv_1min LIMIT 1')
  if (rows.length === 0) {
    const started = performance.now()
    await makeBars(owner, { symbols: SYMBOLS, days: DAYS }, (day) => {
      if (day % 73 === 0) say(`made      ${day} of ${DAYS} days`)
    })
    say(`made      in ${((performance.now() - started) / 1000).toFixed(0)} s`)
  }
  await owner.end()
}

function targetOf(
  target: (symbol: string, day: string, others: string) => string,
  client: number,
  n: number,
): string {
  const at = (client * 7 + n) % SYMBOLS.length
  const others = Array.from({ length: 10 }, (_, index) => SYMBOLS[(at + index) % SYMBOLS.length] ?? '')
  const today = new Date().toISOString().slice(0, 10)
  return target(SYMBOLS[at] ?? '', dayAfter(today, -1 - ((client * 13 + n) % 300)), others.join(','))
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

function report(name: string, { requests, perSecond, p50, p99 }: Latencies): void {
  say(
    `${name.padEnd(52)} p50 ${p50.toFixed(1).padStart(7)} ms  p99 ${p99.toFixed(1).padStart(7)} ms  ${perSecond.toFixed(0)}/s  (${requests} requests)`,
  )
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

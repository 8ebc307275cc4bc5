import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startPostgres } from 'embedded-aws/postgres'
import { Client } from 'pg'
import * as z from 'zod'

import { symbolNames } from '../../feed/symbols.ts'
import type { Aim, Figure } from '../measure.ts'
import { type Login, loginOf, migrate } from '../migrated-postgres.ts'
import { runClients } from './clients.ts'
import { makeScreened } from './screened-bars.ts'

const CLIENTS = 4
const SECONDS = 10
const STORED = 'rsi_14 < 50 and close > sma_50'

type Screen = {
  readonly symbols: number | 'all'
  readonly query: Readonly<Record<string, string>>
  /** @default 4 */
  readonly clients?: number
  /** Of its p99. */
  readonly aim?: Aim
}

/** Of how many symbols, and what is asked. */
const SCREENS: Readonly<Record<string, Screen>> = {
  '70 symbols, stored 1Min': { symbols: 70, query: { where: STORED }, aim: '<= 50' },
  '5,000 symbols, stored 1Min': { symbols: 'all', query: { where: STORED }, aim: '<= 300' },
  '5,000 symbols, stored 1Min, a crossing': {
    symbols: 'all',
    query: { where: 'close crosses above sma_50' },
  },
  '70 symbols, computed 15Min, bars alone': {
    symbols: 70,
    query: { where: 'close > open', timeframe: '15Min' },
    clients: 1,
  },
  '70 symbols, computed 15Min, sma_50': {
    symbols: 70,
    query: { where: 'close > sma_50', timeframe: '15Min' },
    clients: 1,
  },
  // Folded from two months of minutes of each.
  '10 symbols, computed 15Min, rsi_14': {
    symbols: 10,
    query: { where: 'rsi_14 < 50', timeframe: '15Min' },
    clients: 1,
  },
}

/** Latencies of the screener, of clients that ask again at once: each has an instance of the function. */
export async function benchScreen({
  onProgress,
}: {
  readonly onProgress: (doing: string) => void
}): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'))
  const postgres = await startPostgres({ folder, durability: 'none' })
  try {
    const as = loginOf(postgres)
    await migrate(postgres, as)
    const { username: user, password, dbname: database, host, port } = as('tickstock_owner')
    const owner = new Client({ user, password, host, port, database })
    await owner.connect()
    onProgress('screen: making bars ...')
    await makeScreened(owner, { few: symbolNames(70), many: 4930 })
    await owner.end()
    return await latenciesOf(as, onProgress)
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function latenciesOf(as: Login, onProgress: (doing: string) => void): Promise<Figure[]> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [
    JSON.stringify({ credentials: as('app_readonly'), instances: CLIENTS }),
  ])
  const [message] = await once(child, 'message')
  const { port } = z.object({ port: z.int() }).parse(message)
  const figures: Figure[] = []
  try {
    for (const [name, { symbols, query, clients = CLIENTS, aim }] of Object.entries(SCREENS)) {
      onProgress(`screen: ${name} ...`)
      const parameters = new URLSearchParams({
        ...query,
        symbols: symbols === 'all' ? '*' : symbolNames(symbols).join(','),
      })
      const load = { clients, everyMs: 0, target: () => `/v1/screen?${parameters.toString()}` }
      await runClients(port, { ...load, seconds: 1 })
      const { perSecond, p50, p99 } = await runClients(port, { ...load, seconds: SECONDS })
      const what = `${name}, ${clients === 1 ? '1 client' : `${clients} clients`}`
      figures.push(
        { name: what, value: perSecond, unit: 'req/s' },
        { name: `${what}, p50`, value: p50, unit: 'ms' },
        { name: `${what}, p99`, value: p99, unit: 'ms', ...(aim && { aim }) },
      )
    }
  } finally {
    child.kill()
  }
  return figures
}

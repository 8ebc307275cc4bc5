import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { migrate } from '../../functions/migrator/migrate.ts'
import { makePartitions } from '../../functions/migrator/maintain.ts'
import { startEmptyServer, type TestServer } from '../support/test-server.ts'

const OURS = join(import.meta.dirname, '../../functions/migrator/migrations')

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`0.2.0/${name}.json`, import.meta.url), 'utf8'))
}

const migrations = z.record(z.string(), z.string()).parse(read('migrations'))
const statements = z
  .tuple([
    z.object({ text: z.string(), values: z.array(z.unknown()) }),
    z.object({ text: z.string(), values: z.array(z.unknown()) }),
    z.object({ text: z.string(), values: z.array(z.unknown()) }),
    z.object({ text: z.string(), values: z.array(z.unknown()) }),
    z.object({ text: z.string(), values: z.array(z.unknown()) }),
  ])
  .parse(read('bar-writer'))
const [firstBars, revisedBar, indicators, patterns, withdrawnPattern] = statements

let server: TestServer
let folder: string

beforeAll(async () => {
  server = await startEmptyServer()
  folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  for (const name of Object.keys(migrations)) cpSync(join(OURS, `${name}.sql`), join(folder, `${name}.sql`))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.remove()
})

async function migrateTo(path?: string): Promise<readonly string[]> {
  const { credentials } = server
  return await server.as('owner', async (client) => {
    const applied = await migrate(client, {
      write: credentials('app_readwrite'),
      read: credentials('app_readonly'),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      ...(path !== undefined && { folder: path }),
    })
    await makePartitions(client, 1)
    return applied
  })
}

/** What the bar-writer of that release sends, as it sends it. */
const write = ({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) =>
  server.as('app_readwrite', (client) => client.query(text, [...values]))

const rows = (query: string) => server.as('app_readonly', async (client) => (await client.query(query)).rows)

const BARS = 'SELECT symbol, close::float8, revision, trade_count::int FROM ohlcv_1min ORDER BY symbol'

/** What the migrator of that release sends for its maintenance. */
const MAINTENANCE = [
  'CALL drop_old_partitions(36500)',
  'CALL trim_symbols(36500)',
  'CALL ensure_partitions(3)',
] as const

const partitions = async () =>
  z.tuple([z.object({ public: z.number(), own: z.number() })]).parse(
    await rows(
      `SELECT count(*) FILTER (WHERE relnamespace = 'public'::regnamespace)::int AS public, count(*)::int AS own
         FROM pg_class WHERE relispartition AND relkind = 'r'`,
    ),
  )[0]

describe('the database of release 0.2.0', () => {
  it('was made by migrations that have not changed since', () => {
    for (const [name, hash] of Object.entries(migrations)) {
      const text = readFileSync(join(OURS, `${name}.sql`))
      expect({ name, hash: createHash('sha256').update(text).digest('hex') }).toEqual({ name, hash })
    }
  })

  it('keeps its rows through the migrations of today', async () => {
    expect(await migrateTo(folder)).toEqual(Object.keys(migrations))
    await write(firstBars)
    await write(indicators)
    const before = await rows(BARS)
    expect(before).toHaveLength(2)
    const { own } = await partitions()
    expect(await partitions()).toEqual({ public: own, own })
    expect((await migrateTo()).length).toBeGreaterThan(3)
    expect(await rows(BARS)).toEqual(before)
    // A day of bars and one of indicators were in default partitions.
    expect(await partitions()).toEqual({ public: 0, own: own + 2 })
  })

  it("is maintained by the migrator of that release beside today's schema", async () => {
    const before = await partitions()
    const bars = await rows(BARS)
    for (const statement of MAINTENANCE) await server.as('owner', (client) => client.query(statement))
    // Of two more days ahead, each of four tables.
    expect(await partitions()).toEqual({ public: 0, own: before.own + 8 })
    expect(await rows(BARS)).toEqual(bars)
  })

  it("takes what the bar-writer of that release writes beside today's schema, as in the minutes of a canary", async () => {
    await write(firstBars)
    expect(await rows(BARS)).toMatchObject([
      { symbol: 'AAPL', revision: 1 },
      { symbol: 'MSFT', revision: 1 },
    ])
    await write(revisedBar)
    expect(await rows(BARS)).toEqual([
      { symbol: 'AAPL', close: 150.75, revision: 2, trade_count: 8 },
      expect.objectContaining({ symbol: 'MSFT', revision: 1 }),
    ])
    expect(await rows('SELECT symbol, close::float8, revision FROM bar_revisions')).toEqual([
      { symbol: 'AAPL', close: 150.5, revision: 1 },
    ])
    expect(await rows('SELECT indicator_name FROM intraday_indicators ORDER BY 1')).toEqual([
      { indicator_name: 'rsi_14' },
      { indicator_name: 'sma_5' },
    ])
    await write(patterns)
    const found = 'SELECT pattern_type, withdrawn, revision FROM intraday_patterns'
    expect(await rows(found)).toEqual([{ pattern_type: 'doji', withdrawn: false, revision: 2 }])
    await write(withdrawnPattern)
    expect(await rows(found)).toEqual([{ pattern_type: 'doji', withdrawn: true, revision: 3 }])
  })
})

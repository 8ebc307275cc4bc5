import { join } from 'node:path'

import { runner } from 'node-pg-migrate'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import { createMigrator } from '../../../functions/migrator/migrator.ts'
import { startEmptyServer, type TestServer } from '../../support/test-server.ts'
import { bar } from '../bar-writer/bars.ts'

const FOLDER = join(import.meta.dirname, '../../../functions/migrator/migrations')
const BEFORE = ['0001', '0002', '0003', '0005', '0006', '0007']

/** How release 0.1.0 writes a bar. */
const UPSERT_OF_0_1_0 = `
  INSERT INTO ohlcv_1min AS stored
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at)
  VALUES ($1, $2, 150, 151, 149, 150, $3, $4, 12, $5, now())
  ON CONFLICT (symbol, timestamp) DO UPDATE SET
    open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
    volume = excluded.volume, vwap = excluded.vwap, trade_count = excluded.trade_count,
    revision = excluded.revision, closed_at = excluded.closed_at, written_at = now()
  WHERE excluded.revision > stored.revision
  RETURNING symbol, timestamp, (old.symbol IS NULL) AS inserted`

const MINUTE = '2025-11-10T17:24:00Z'

let server: TestServer

/** Writes as the release before, each in a statement of its own. */
async function writeOld(
  client: Client,
  symbol: string,
  ...revisions: readonly (readonly [string, number])[]
) {
  for (const [vwap, revision] of revisions)
    await client.query(UPSERT_OF_0_1_0, [symbol, MINUTE, '1200', vwap, revision])
}

const rowsOf = async (symbol: string) =>
  await server.as('app_readonly', async (client) => {
    const columns = 'revision, vwap, notional, complete'
    const { rows } = await client.query(
      `SELECT ${columns} FROM ohlcv_1min WHERE symbol = $1
       UNION ALL SELECT ${columns} FROM bar_revisions WHERE symbol = $1 ORDER BY revision`,
      [symbol],
    )
    return rows
  })

beforeAll(async () => {
  server = await startEmptyServer()
  await server.as('owner', async (client) => {
    await runner({
      dbClient: client,
      dir: FOLDER,
      direction: 'up',
      migrationsTable: 'migrations',
      migrationsSchema: 'migrator',
      createMigrationsSchema: true,
      count: BEFORE.length,
      log: () => undefined,
    })
    await client.query(
      `SELECT ensure_partition('ohlcv_1min', '2025-11-10'), ensure_partition('bar_revisions', '2025-11-10')`,
    )
    await client.query(`ALTER ROLE app_readwrite PASSWORD 'password of ''app_readwrite'''`)
  })
  await server.as('app_readwrite', async (client) => {
    await writeOld(client, 'BEFORE', ['150.24', 1])
    // A session that has prepared its statement, and goes on while the columns come.
    await writeOld(client, 'DURING', ['150.24', 1])
    const migrated = createMigrator(server.migratorParts)({ type: 'migrate' })
    for (let revision = 2; revision < 200; revision++) await writeOld(client, 'DURING', ['150.24', revision])
    await migrated
    await writeOld(client, 'DURING', ['150.25', 200])
  })
})
afterAll(() => server.remove())

describe('the columns notional and complete', () => {
  it('come while the release before writes: no revision is lost', async () => {
    const rows = await rowsOf('DURING')
    expect(rows).toHaveLength(200)
    expect(rows.at(-1)).toEqual({ revision: 200, vwap: '150.25', notional: null, complete: null })
  })

  it('are kept with a bar that is replaced, in the partitions of before', async () => {
    const writer = server.open('app_readwrite')
    await writeBars(writer, [bar({ symbol: 'BEFORE', revision: 2, notional: '180288', complete: false })])
    await writeBars(writer, [bar({ symbol: 'BEFORE', revision: 3, notional: '180288', complete: true })])
    await writer.end()
    expect(await rowsOf('BEFORE')).toEqual([
      { revision: 1, vwap: '150.24', notional: null, complete: null },
      { revision: 2, vwap: '150.24', notional: '180288', complete: false },
      { revision: 3, vwap: '150.24', notional: '180288', complete: true },
    ])
  })

  it('are emptied where the release before replaces a bar, whose trades it did not count', async () => {
    const writer = server.open('app_readwrite')
    await writeBars(writer, [bar({ symbol: 'BACK', notional: '180288', complete: true })])
    await writer.end()
    await server.as('app_readwrite', (client) => writeOld(client, 'BACK', ['150.23', 2]))
    expect(await rowsOf('BACK')).toEqual([
      { revision: 1, vwap: '150.24', notional: '180288', complete: true },
      { revision: 2, vwap: '150.23', notional: null, complete: null },
    ])
  })

  it('stand beside one that says whether a bar is withdrawn, which the release before ends by bringing the bar back', async () => {
    const writer = server.open('app_readwrite')
    const none = { volume: '0', notional: '0', vwap: null, trade_count: 0, withdrawn: true } as const
    await writeBars(writer, [bar({ symbol: 'GONE' }), bar({ symbol: 'GONE', revision: 2, ...none })])
    const stands = async () => {
      const { rows } = await writer.query(
        `SELECT revision, withdrawn FROM ohlcv_1min WHERE symbol = 'GONE'
         UNION ALL SELECT revision, withdrawn FROM bar_revisions WHERE symbol = 'GONE' ORDER BY revision`,
      )
      return rows
    }
    const told = [
      { revision: 1, withdrawn: false },
      { revision: 2, withdrawn: true },
    ]
    expect(await stands()).toEqual(told)
    await server.as('app_readwrite', (client) => writeOld(client, 'GONE', ['150.25', 3]))
    expect(await stands()).toEqual([...told, { revision: 3, withdrawn: false }])
    await writer.end()
  })

  it('have comments, in both tables', async () => {
    const { rows } = await server.as('app_readonly', (client) =>
      client.query(
        `SELECT attname, col_description(attrelid, attnum) IS NOT NULL AS has_comment FROM pg_attribute
         WHERE attrelid IN ('ohlcv_1min'::regclass, 'bar_revisions'::regclass) AND attname IN ('notional', 'complete', 'withdrawn')`,
      ),
    )
    expect(rows).toHaveLength(6)
    expect(rows).toEqual(rows.map(({ attname }: { attname: unknown }) => ({ attname, has_comment: true })))
  })
})

it('bars below zero and without trades are written, in old partitions and new ones', async () => {
  const writer = server.open('app_readwrite')
  const prices = { open: '0.02', high: '0.02', low: '-37.63', close: '-0.01' }
  const bars = [
    '2025-11-10T17:25:00Z',
    '2013-04-12T00:00:00Z',
    new Date().toISOString().slice(0, 17) + '00Z',
  ].map((timestamp) => bar({ symbol: 'WTI', timestamp, ...prices, volume: '0', vwap: null, trade_count: 0 }))
  expect(await writeBars(writer, bars)).toMatchObject({ written: bars, refused: [] })
  const inverted = bar({ symbol: 'WTI', timestamp: MINUTE, ...prices, high: '-1' })
  expect((await writeBars(writer, [inverted])).refused).toHaveLength(1)
  await writer.end()
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import { createMigrator } from '../../../functions/migrator/migrator.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'
import { bar } from '../bar-writer/bars.ts'

const DAY = 86_400_000
const RETENTION_DAYS = 30

let server: TestServer

beforeAll(async () => {
  server = await startMigratedServer()
})
afterAll(() => server.remove())

beforeEach(() => server.as('owner', (client) => client.query('DELETE FROM ohlcv_1min')))

const maintain = (retentionDays = RETENTION_DAYS) =>
  createMigrator({ ...server.migratorParts, retentionDays })({ type: 'maintain' })

/** Noon, that many days from now. */
const noon = (days: number) => `${new Date(Date.now() + days * DAY).toISOString().slice(0, 10)}T12:00:00Z`

const partitionOf = (timestamp: string) =>
  `partitions.ohlcv_1min_p${timestamp.slice(0, 10).replaceAll('-', '')}`

async function whereBarsAre(): Promise<unknown[]> {
  const { rows } = await server.as('app_readonly', (client) =>
    client.query('SELECT symbol, tableoid::regclass::text AS partition FROM ohlcv_1min ORDER BY symbol'),
  )
  return rows
}

const write = (bars: Parameters<typeof writeBars>[1]) =>
  server.as('app_readwrite', (client) =>
    writeBars({ query: (sql, values) => client.query(sql, [...(values ?? [])]) }, bars),
  )

describe('maintenance', () => {
  it('has partitions ahead: live bars do not go to the default partition', async () => {
    await write([bar({ timestamp: noon(0) }), bar({ symbol: 'NEXT', timestamp: noon(3) })])
    expect(await whereBarsAre()).toEqual([
      { symbol: 'AAPL', partition: partitionOf(noon(0)) },
      { symbol: 'NEXT', partition: partitionOf(noon(3)) },
    ])
  })

  it('moves bars out of the default partition, which go on being revised', async () => {
    const [past, future] = [noon(-5), noon(400)]
    await write([bar({ symbol: 'FUTURE', timestamp: future }), bar({ symbol: 'PAST', timestamp: past })])
    expect(await whereBarsAre()).toEqual([
      { symbol: 'FUTURE', partition: 'partitions.ohlcv_1min_default' },
      { symbol: 'PAST', partition: 'partitions.ohlcv_1min_default' },
    ])
    expect(await maintain()).toEqual({
      partitionsCreated: 2,
      rowsMoved: 2,
      partitionsDropped: 0,
      rowsDeleted: 0,
    })
    expect(await whereBarsAre()).toEqual([
      { symbol: 'FUTURE', partition: partitionOf(future) },
      { symbol: 'PAST', partition: partitionOf(past) },
    ])
    const revision = bar({ symbol: 'PAST', timestamp: past, revision: 2 })
    expect(await write([revision, bar({ symbol: 'PAST', timestamp: past })])).toMatchObject({
      revised: [revision],
      stale: [{ revision: 1 }],
    })
  })

  it('drops what is older than the retention, to the day, in partitions and in the default partition', async () => {
    await write([
      bar({ symbol: 'KEPT', timestamp: noon(-RETENTION_DAYS) }),
      bar({ symbol: 'OLD', timestamp: noon(-RETENTION_DAYS - 1) }),
    ])
    await maintain(RETENTION_DAYS + 1)
    await write([bar({ symbol: 'OLDEST', timestamp: '2013-04-12T00:00:00Z' })])
    expect(await maintain()).toEqual({
      partitionsCreated: 0,
      rowsMoved: 0,
      partitionsDropped: 1,
      rowsDeleted: 1,
    })
    expect(await whereBarsAre()).toEqual([{ symbol: 'KEPT', partition: partitionOf(noon(-RETENTION_DAYS)) }])
  })

  it('forgets the symbols whose bars are gone, and where the others began', async () => {
    await server.as('owner', (client) => client.query('TRUNCATE symbols'))
    const kept = noon(-RETENTION_DAYS + 2)
    await write([
      bar({ symbol: 'GONE', timestamp: noon(-RETENTION_DAYS - 2) }),
      bar({ symbol: 'HALF', timestamp: noon(-RETENTION_DAYS - 2) }),
      bar({ symbol: 'HALF', timestamp: kept }),
    ])
    await maintain()
    const { rows } = await server.as('app_readonly', (client) =>
      client.query('SELECT symbol, first_day::text, last_day::text FROM symbols'),
    )
    const day = kept.slice(0, 10)
    expect(rows).toEqual([{ symbol: 'HALF', first_day: day, last_day: day }])
  })

  it('keeps 2013 when the retention is long enough', async () => {
    const timestamp = '2013-04-12T23:59:00Z'
    await write([bar({ timestamp })])
    await maintain(36_500)
    expect(await whereBarsAre()).toEqual([{ symbol: 'AAPL', partition: 'partitions.ohlcv_1min_p20130412' }])
  })

  it('gives the partitions that it makes to the two roles', async () => {
    const rights = await server.as('owner', (client) =>
      client.query(
        `SELECT count(*)::int AS partitions,
           count(*) FILTER (WHERE has_table_privilege('app_readonly', oid, 'SELECT'))::int AS readable,
           count(*) FILTER (WHERE has_table_privilege('app_readwrite', oid, 'INSERT'))::int AS writable
         FROM pg_class WHERE relispartition AND relkind = 'r'`,
      ),
    )
    const { partitions } = rights.rows[0] ?? {}
    expect(rights.rows).toEqual([{ partitions, readable: partitions, writable: partitions }])
    expect(partitions).toBeGreaterThan(12)
  })

  it('loses and refuses no bar that is written while rows are moved', async () => {
    const days = Array.from({ length: 10 }, (_, index) => noon(-index - 10))
    const writing = Promise.all(
      ['A', 'B'].map((symbol) =>
        server.as('app_readwrite', async (client) => {
          for (let round = 0; round < 20; round++) {
            const bars = days.map((timestamp) => bar({ symbol: `${symbol}${round}`, timestamp }))
            await writeBars({ query: (sql, values) => client.query(sql, [...(values ?? [])]) }, bars)
          }
        }),
      ),
    )
    await maintain()
    await writing
    await maintain()
    const { rows } = await server.as('app_readonly', (client) =>
      client.query(
        `SELECT count(*)::int AS bars, count(*) FILTER (WHERE tableoid = 'partitions.ohlcv_1min_default'::regclass)::int AS unsorted
         FROM ohlcv_1min`,
      ),
    )
    expect(rows).toEqual([{ bars: 400, unsorted: 0 }])
  })
})

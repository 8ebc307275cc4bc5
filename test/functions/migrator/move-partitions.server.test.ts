import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import { createMigrator } from '../../../functions/migrator/migrator.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'
import { bar } from '../bar-writer/bars.ts'

const DAYS = 20

let server: TestServer

beforeAll(async () => {
  server = await startMigratedServer()
  // Days of an earlier release: their partitions are in public.
  await server.as('owner', async (client) => {
    for (let day = 1; day <= DAYS; day++)
      await client.query(`SELECT ensure_partition('ohlcv_1min', current_date - ${day})`)
  })
})
afterAll(() => server.remove())

beforeEach(() =>
  server.as('owner', async (client) => {
    for (const name of await partitionsIn('partitions'))
      await client.query(`ALTER TABLE partitions.${name} SET SCHEMA public`)
  }),
)

async function partitionsIn(schema: string): Promise<string[]> {
  const { rows } = await server.as('owner', (client) =>
    client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relispartition AND relkind = 'r' AND relnamespace = $1::regnamespace ORDER BY 1`,
      [schema],
    ),
  )
  return rows.map(({ name }) => name)
}

const maintain = () => createMigrator(server.migratorParts)({ type: 'maintain' })

describe('maintenance of partitions that an earlier release has made', () => {
  it('moves all of them without writing them again, and \\d shows what people query', async () => {
    const files = `SELECT array_agg(relfilenode ORDER BY relname) AS files FROM pg_class WHERE relname ~ '_p\\d{8}|_default'`
    const before = await server.as('owner', async (client) => (await client.query(files)).rows)
    const all = await partitionsIn('public')
    await maintain()
    expect(await partitionsIn('public')).toEqual([])
    expect(await partitionsIn('partitions')).toEqual(all)
    expect(await server.as('owner', async (client) => (await client.query(files)).rows)).toEqual(before)
    const shown = await server.as('app_readonly', (client) =>
      client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
           AND relnamespace = ANY (current_schemas(false)::regnamespace[]) ORDER BY 1`,
      ),
    )
    expect(shown.rows.map(({ name }) => name)).toEqual([
      'bar_revisions',
      'corporate_actions',
      'indicator_values',
      'intraday_indicators',
      'intraday_patterns',
      'ohlcv_1min',
      'symbols',
    ])
  })

  it('makes none a second time, and drops them where they are', async () => {
    const all = await partitionsIn('public')
    const counts = await server.as('owner', async (client) => {
      const { rows } = await client.query('CALL drop_old_partitions($1)', [DAYS - 1])
      return rows
    })
    expect(counts).toEqual([{ dropped: 1, deleted: '0' }])
    expect(await maintain()).toMatchObject({ partitionsCreated: 0, partitionsDropped: 0 })
    expect(await partitionsIn('partitions')).toHaveLength(all.length - 1)
  })

  it('leaves one that is in use, tells so and moves it the next time', async () => {
    const notices: string[] = []
    await server.as('app_readonly', async (reader) => {
      await reader.query('BEGIN')
      await reader.query('SELECT FROM ohlcv_1min_default')
      await server.as('owner', async (client) => {
        client.on('notice', ({ message }) => notices.push(message ?? ''))
        await client.query('CALL move_partitions()')
      })
      await reader.query('COMMIT')
    })
    expect(await partitionsIn('public')).toEqual(['ohlcv_1min_default'])
    expect(notices).toEqual([
      expect.stringMatching(/ohlcv_1min_default stays in the schema public .*: .*lock timeout/),
    ])
    await maintain()
    expect(await partitionsIn('public')).toEqual([])
  })

  it('gives up after five that are in use, and fails no deployment', async () => {
    const all = await partitionsIn('public')
    await server.as('app_readonly', async (reader) => {
      await reader.query('BEGIN')
      await reader.query('SELECT FROM ohlcv_1min')
      expect(await createMigrator(server.migratorParts)({ type: 'migrate' })).toMatchObject({
        migrations: [],
      })
      await reader.query('COMMIT')
    })
    expect((await partitionsIn('public')).length).toBeGreaterThan(DAYS)
    expect(all.length - (await partitionsIn('public')).length).toBeLessThan(all.length - DAYS)
  })

  it('loses and refuses no bar that is written meanwhile', async () => {
    const timestamps = Array.from({ length: DAYS - 2 }, (_, index) =>
      new Date(Date.now() - (index + 1) * 86_400_000).toISOString().replace(/T.*/, 'T12:00:00Z'),
    )
    const moved = new AbortController()
    let rounds = 0
    const writing = server.as('app_readwrite', async (client) => {
      do {
        const bars = timestamps.map((timestamp) => bar({ symbol: `S${rounds}`, timestamp }))
        await writeBars({ query: (sql, values) => client.query(sql, [...(values ?? [])]) }, bars)
        rounds++
      } while (!moved.signal.aborted || rounds < 5)
    })
    await maintain().finally(() => moved.abort())
    await writing
    expect(await partitionsIn('public')).toEqual([])
    const { rows } = await server.as('app_readonly', (client) =>
      client.query('SELECT count(*)::int AS bars FROM ohlcv_1min'),
    )
    expect(rows).toEqual([{ bars: rounds * timestamps.length }])
  })
})

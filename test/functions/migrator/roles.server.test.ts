import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../../support/test-database.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'

/** insufficient_privilege, read_only_sql_transaction */
const DENIED = new Set(['42501', '25006'])

let server: TestServer
let tables: string[]

beforeAll(async () => {
  server = await startMigratedServer()
  await server.as('owner', async (client) => {
    await client.query('CREATE TABLE made_later (id serial PRIMARY KEY, symbol text)')
    const { rows } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema IN ('public', 'partitions') ORDER BY 1`,
    )
    tables = rows.map(({ name }) => name)
  })
})

afterAll(() => server.remove())

/** The statements that were not denied, or failed for another reason. */
async function notDenied(client: Client, statements: readonly string[]): Promise<string[]> {
  const surprises: string[] = []
  for (const statement of statements) {
    await client.query(statement).then(
      () => surprises.push(`${statement}: allowed`),
      (error: Error & { code?: string }) => {
        if (!DENIED.has(error.code ?? '')) surprises.push(`${statement}: ${error.code} ${error.message}`)
      },
    )
  }
  return surprises
}

const DDL = [
  'CREATE TABLE mine (id int)',
  'CREATE TEMPORARY TABLE mine (id int)',
  'CREATE SCHEMA mine',
  'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  'CREATE ROLE mine',
  'CREATE DATABASE mine',
  'SELECT * FROM migrator.migrations',
  `SELECT ensure_partition('ohlcv_1min', '2013-01-01')`,
  'CALL ensure_partitions(1)',
  'CALL drop_old_partitions(1)',
  'CALL move_partitions()',
  'CREATE TABLE partitions.mine (id int)',
  'SET ROLE owner',
  'SET ROLE pg_write_all_data',
]

const ddlOn = (table: string) => [
  `TRUNCATE ${table}`,
  `ALTER TABLE ${table} ADD COLUMN mine int`,
  `DROP TABLE ${table}`,
  `CREATE INDEX ON ${table} (symbol)`,
  `ALTER TABLE ${table} OWNER TO CURRENT_USER`,
]

const dmlOn = (table: string) => [
  `INSERT INTO ${table} (symbol) VALUES ('A')`,
  `UPDATE ${table} SET symbol = 'A'`,
  `DELETE FROM ${table}`,
  `COPY ${table} FROM STDIN`,
  `SELECT * FROM ${table} FOR UPDATE`,
]

/** Nobody can write to the view, or truncate it: Postgres complains of that before it looks at rights. */
const isTable = (name: string) => name !== 'public.intraday_indicators'

describe('app_readonly', () => {
  it('selects from every table, the one made later included', async () => {
    expect(tables).toEqual(
      expect.arrayContaining([
        'public.ohlcv_1min',
        'public.intraday_indicators',
        'public.made_later',
        'partitions.ohlcv_1min_default',
      ]),
    )
    await server.as('app_readonly', async (client) => {
      for (const table of tables) expect((await client.query(`SELECT * FROM ${table}`)).rows).toEqual([])
    })
  })

  it.each(['on', 'off'])('can do nothing else, with default_transaction_read_only %s', async (readOnly) => {
    await server.as('app_readonly', async (client) => {
      await client.query(`SET default_transaction_read_only = ${readOnly}`)
      const statements = [...DDL, 'SET ROLE app_readwrite', ...tables.filter(isTable).flatMap(dmlOn)]
      expect(await notDenied(client, [...statements, ...tables.filter(isTable).flatMap(ddlOn)])).toEqual([])
    })
  })

  it('leaves connections to the others, however many read', async () => {
    await server.as('app_readonly', async (client) => {
      const { rows } = await client.query<{ all: number; readers: number }>(
        `SELECT current_setting('max_connections')::int AS all, rolconnlimit AS readers
         FROM pg_roles WHERE rolname = 'app_readonly'`,
      )
      expect(rows).toEqual([{ all: expect.any(Number), readers: Math.floor((rows[0]?.all ?? 0) * 0.75) }])
    })
  })

  it('reads in read-only transactions with a time limit', async () => {
    await server.as('app_readonly', async (client) => {
      const { rows } = await client.query(
        `SELECT current_setting('transaction_read_only') AS only, current_setting('statement_timeout') AS timeout`,
      )
      expect(rows).toEqual([{ only: 'on', timeout: '5s' }])
    })
  })
})

describe('app_readwrite', () => {
  it('selects, inserts, updates and deletes, in the table made later too', async () => {
    await server.as('app_readwrite', async (client) => {
      for (const table of tables.filter(isTable)) await client.query(`DELETE FROM ${table}`)
      await client.query(`INSERT INTO made_later (symbol) VALUES ('A')`)
      await client.query(`UPDATE made_later SET symbol = 'B'`)
      expect((await client.query('SELECT symbol FROM made_later')).rows).toEqual([{ symbol: 'B' }])
      await client.query('DELETE FROM made_later')
    })
  })

  it('can do no DDL', async () => {
    await server.as('app_readwrite', async (client) => {
      const statements = [...DDL, 'SET ROLE app_readonly']
      expect(await notDenied(client, [...statements, ...tables.filter(isTable).flatMap(ddlOn)])).toEqual([])
    })
  })
})

describe('neither role', () => {
  it.each<Role>(['app_readonly', 'app_readwrite'])('can pass on what it may: not %s', async (role) => {
    await server.as(role, async (client) => {
      await client.query('SET default_transaction_read_only = off')
      // No error in Postgres, only a warning that nothing was granted.
      await client.query('GRANT SELECT ON ohlcv_1min TO PUBLIC')
      const { rows } = await client.query(
        `SELECT has_table_privilege('public', 'ohlcv_1min', 'SELECT') AS granted`,
      )
      expect(rows).toEqual([{ granted: false }])
    })
  })
})

describe('PUBLIC', () => {
  const stranger = { username: 'stranger', password: 'stranger' }

  beforeAll(() =>
    server.as('owner', (client) => client.query(`CREATE ROLE stranger LOGIN PASSWORD 'stranger'`)),
  )

  it('cannot even connect', async () => {
    const credentials = { ...server.credentials('owner'), ...stranger }
    await expect(server.as(credentials, (client) => client.query('SELECT 1'))).rejects.toMatchObject({
      code: '42501',
    })
  })

  it('can do nothing once connected', async () => {
    await server.as('owner', (client) => client.query('GRANT CONNECT ON DATABASE tickstock TO stranger'))
    await server.as({ ...server.credentials('owner'), ...stranger }, async (client) => {
      const statements = tables.flatMap((table) => [`SELECT * FROM ${table}`, `DELETE FROM ${table}`])
      expect(
        await notDenied(client, [
          ...statements,
          'CREATE TABLE public.mine (id int)',
          'CREATE TEMPORARY TABLE mine (id int)',
        ]),
      ).toEqual([])
    })
  })
})

describe('no role', () => {
  it.each<Role>(['owner', 'app_readwrite', 'app_readonly'])('%s is more than it should be', async (role) => {
    const { rows } = await server.as('owner', (client) =>
      client.query(
        'SELECT rolsuper, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = $1',
        [role],
      ),
    )
    expect(rows).toEqual([
      { rolsuper: false, rolcreatedb: false, rolreplication: false, rolbypassrls: false },
    ])
  })
})

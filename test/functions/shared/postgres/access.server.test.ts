import { chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'

import { createMigrator } from '../../../../functions/migrator/migrator.ts'
import { databaseCredentials } from '../../../../functions/shared/postgres/access.ts'
import { openDatabase } from '../../../../functions/shared/postgres/database.ts'
import { type DatabaseTls, tlsOptions } from '../../../../functions/shared/postgres/tls.ts'
import { startMigratedServer, type TestServer } from '../../../support/test-server.ts'
import { AUTHORITY } from '../../../support/tls-server.ts'

const TLS = { DATABASE_TLS: 'verify', DATABASE_CA_FILE: AUTHORITY } as const

let server: TestServer

/** A server that lets in as RDS does: roles of `rds_iam` by a password in plain text, over TLS only. */
beforeAll(async () => {
  server = await startMigratedServer()
  const data = join(server.folder, 'data')
  const { uid, gid } = statSync(data)
  const certificate = join(data, 'ours.pem')
  copyFileSync(join(dirname(AUTHORITY), 'ours.pem'), certificate)
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `hostssl all +rds_iam all password\nhostnossl all +rds_iam all reject\n${readFileSync(join(data, 'pg_hba.conf'), 'utf8')}`,
  )
  chownSync(certificate, uid, gid)
  // Before: Postgres checks who may read the key.
  await asSuperuser(
    `COPY (SELECT 1) TO PROGRAM 'chmod 600 ours.pem'`,
    'CREATE ROLE rds_iam',
    'GRANT rds_iam TO owner WITH ADMIN OPTION, INHERIT FALSE',
    `ALTER SYSTEM SET ssl_cert_file = 'ours.pem'`,
    `ALTER SYSTEM SET ssl_key_file = 'ours.pem'`,
    'ALTER SYSTEM SET ssl = on',
  )
})
afterAll(() => server.remove())
afterEach(() => vi.useRealTimers())

async function asSuperuser(...statements: readonly string[]): Promise<unknown[]> {
  const client = new Client(server.superuser)
  await client.connect()
  try {
    let rows: unknown[] = []
    for (const statement of statements) ({ rows } = await client.query(statement))
    return rows
  } finally {
    await client.end()
  }
}

const members = () =>
  asSuperuser(`SELECT member::regrole::text AS name FROM pg_auth_members
    WHERE roleid = 'rds_iam'::regrole AND member::regrole::text LIKE 'app%' ORDER BY 1`)

it('the migrator makes the two roles members of rds_iam, again without a change, and ends that', async () => {
  const migrate = (access: 'iam' | 'password') =>
    createMigrator({ ...server.migratorParts, access })({ type: 'migrate' })
  const both = [{ name: 'app_readonly' }, { name: 'app_readwrite' }]
  for (const [access, expected] of [
    ['iam', both],
    ['iam', both],
    ['password', []],
    ['password', []],
    ['iam', both],
  ] as const) {
    await migrate(access)
    expect(await members()).toEqual(expected)
  }
})

it('a function signs in with its token as the password, over TLS and not without', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const client = new SecretsManagerClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session/+=' },
  })
  const open = (tls: DatabaseTls) => {
    const address = {
      DATABASE_ACCESS: 'iam',
      DATABASE_HOST: 'localhost',
      DATABASE_PORT: server.superuser.port,
      DATABASE_NAME: server.credentials('owner').dbname,
      DATABASE_USER: 'app_readonly',
    } as const
    const load = databaseCredentials({ ...address, ...tls }, client)
    return { load, database: openDatabase(load, { ssl: tlsOptions(tls), applicationName: 'test' }) }
  }
  await asSuperuser('SELECT pg_reload_conf()', 'GRANT rds_iam TO app_readonly')
  const { load, database } = open(TLS)
  // What RDS would find out by IAM, this server knows.
  const { password } = await load()
  await asSuperuser(`ALTER ROLE app_readonly PASSWORD '${password}'`)
  const { rows } = await database.query(
    'SELECT current_user AS who, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  )
  expect(rows).toEqual([{ who: 'app_readonly', ssl: true }])

  // A connection that is lost when the token is over is made again with a new one.
  vi.setSystemTime(Date.now() + 3_600_000)
  const next = await load()
  expect(next.password).not.toBe(password)
  await asSuperuser(
    `ALTER ROLE app_readonly PASSWORD '${next.password}'`,
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'app_readonly'`,
  )
  expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await database.end()

  const plain = open({ DATABASE_TLS: 'off' })
  await expect(plain.database.query('SELECT 1')).rejects.toMatchObject({ code: '28000' })
  await plain.database.end()
})

import { randomUUID } from 'node:crypto'

import { Client } from 'pg'
import { inject } from 'vitest'

import type { Credentials } from '../../functions/shared/postgres/credentials.ts'
import { type Database, openDatabase } from '../../functions/shared/postgres/database.ts'

export type Role = 'owner' | 'app_readwrite' | 'app_readonly'

export type TestDatabase = {
  readonly credentials: (role: Role) => Credentials
  /** A function's database, as that role. */
  open(role: Role): Database
  /** Runs `work` with a connection of its own. */
  as<Result>(role: Role | Credentials, work: (client: Client) => Promise<Result>): Promise<Result>
  remove(): Promise<void>
}

/** A database with the schema on the server that tests share; for what stops no server and changes no role. */
export async function createDatabase(): Promise<TestDatabase> {
  const { superuser, template } = inject('sharedServer')
  const dbname = `test_${randomUUID().replaceAll('-', '')}`
  const onServer = async (...statements: readonly string[]): Promise<void> => {
    const client = new Client(superuser)
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
  await onServer(
    `CREATE DATABASE ${dbname} TEMPLATE ${template} OWNER owner`,
    // Who may connect is not copied.
    `REVOKE ALL ON DATABASE ${dbname} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${dbname} TO app_readwrite, app_readonly`,
  )
  return {
    ...accessTo({ ...superuser, dbname }),
    remove: () => onServer(`DROP DATABASE ${dbname} WITH (FORCE)`),
  }
}

/** How tests get into a database whose roles have the passwords of tests. */
export function accessTo({
  host,
  port,
  dbname,
}: Pick<Credentials, 'host' | 'port' | 'dbname'>): Omit<TestDatabase, 'remove'> {
  const credentials = (role: Role): Credentials => ({
    username: role,
    password: `password of '${role}'`,
    host,
    port,
    dbname,
  })
  return {
    credentials,
    open: (role) => openDatabase(async () => credentials(role), { ssl: false, applicationName: 'test' }),
    as: async (role, work) => {
      const { username, password, dbname: database } = typeof role === 'string' ? credentials(role) : role
      const client = new Client({ host, port, user: username, password, database })
      await client.connect()
      try {
        return await work(client)
      } finally {
        await client.end()
      }
    },
  }
}

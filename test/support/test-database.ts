import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareDatabase, type RunningPostgres, startPostgres } from 'embedded-aws/postgres'
import { Client } from 'pg'
import { createMigrator, type MigratorDeps } from '../../functions/migrator/migrator.ts'
import type { Credentials } from '../../functions/shared/postgres/credentials.ts'
import { type Database, openDatabase } from '../../functions/shared/postgres/database.ts'

export type Role = 'owner' | 'app_readwrite' | 'app_readonly'

export type TestDatabase = {
  readonly credentials: (role: Role) => Credentials
  /** Everything the migrator needs, for this database. */
  readonly migratorParts: MigratorDeps
  /** A function's database, as that role. */
  open(role: Role): Database
  /** Runs `work` with a connection of its own. */
  as<Result>(role: Role | Credentials, work: (client: Client) => Promise<Result>): Promise<Result>
  /** Stops and starts the server on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** A throw-away server with the owner and an empty database, as RDS would have given us. */
export async function startEmptyDatabase(database = 'tickstock'): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'tickstock-database-'))
  let postgres: RunningPostgres = await startPostgres({ folder, durability: 'none' })
  const { host, port } = postgres
  const credentials = (role: Role): Credentials => ({
    username: role,
    password: `password of '${role}'`,
    host,
    port,
    dbname: database,
  })
  await prepareDatabase({ superuser: postgres.superuser, database, owner: credentials('owner') })
  return {
    credentials,
    migratorParts: {
      credentials: {
        owner: async () => credentials('owner'),
        write: async () => credentials('app_readwrite'),
        read: async () => credentials('app_readonly'),
      },
      secrets: new Map(),
      ssl: false,
      retentionDays: 30,
      partitionsAhead: 3,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    open: (role) => openDatabase(async () => credentials(role), { ssl: false, applicationName: 'test' }),
    as: async (role, work) => {
      const { username, password, dbname } = typeof role === 'string' ? credentials(role) : role
      const client = new Client({ host, port, user: username, password, database: dbname })
      await client.connect()
      try {
        return await work(client)
      } finally {
        await client.end()
      }
    },
    stop: () => postgres.stop(),
    start: async () => {
      postgres = await startPostgres({ folder, port, durability: 'none' })
    },
    remove: async () => {
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The same with the schema in it. */
export async function startMigratedDatabase(): Promise<TestDatabase> {
  const database = await startEmptyDatabase()
  await createMigrator(database.migratorParts)({ type: 'migrate' })
  return database
}

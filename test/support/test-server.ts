import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { inject } from 'vitest'

import { createMigrator, type MigratorDeps } from '../../functions/migrator/migrator.ts'
import { prepareDatabase } from 'embedded-aws/postgres'
import { type ConnectionConfig, type RunningPostgres, startPostgres } from 'embedded-aws/postgres'
import { accessTo, type TestDatabase } from './test-database.ts'

/** A server of one's own with one database. */
export type TestServer = TestDatabase & {
  readonly superuser: ConnectionConfig
  readonly folder: string
  /** Everything the migrator needs, for the database. */
  readonly migratorParts: MigratorDeps
  /** Stops and starts the server on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
}

export type TestServerOptions = {
  /** @default tickstock */
  readonly database?: string
  /** Folder of the cluster that it starts as a copy of. @default the one that the run has prepared */
  readonly cluster?: string
}

/** A throw-away server with the owner and an empty database, as RDS would have given us. */
export async function startEmptyServer({
  database = 'tickstock',
  cluster = inject('preparedCluster'),
}: TestServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tickstock-database-'))
  await cp(cluster, folder, { recursive: true })
  let postgres: RunningPostgres = await startPostgres({ folder, durability: 'none' })
  const { host, port, superuser } = postgres
  const access = accessTo({ host, port, dbname: database })
  const { credentials } = access
  await prepareDatabase({ superuser, database, owner: credentials('owner') })
  return {
    ...access,
    superuser,
    folder,
    migratorParts: {
      credentials: {
        owner: async () => credentials('owner'),
        write: async () => credentials('app_readwrite'),
        read: async () => credentials('app_readonly'),
      },
      secrets: new Map(),
      access: 'password',
      ssl: false,
      retentionDays: 30,
      partitionsAhead: 3,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
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
export async function startMigratedServer({
  cluster = inject('migratedCluster'),
}: Pick<TestServerOptions, 'cluster'> = {}): Promise<TestServer> {
  const server = await startEmptyServer({ cluster })
  await createMigrator(server.migratorParts)({ type: 'migrate' })
  return server
}

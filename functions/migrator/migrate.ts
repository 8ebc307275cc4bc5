import { join } from 'node:path'
import { runner } from 'node-pg-migrate'
import type { Client } from 'pg'
import type { Credentials } from '../shared/postgres/credentials.ts'
import { setPassword } from './role-password.ts'

/** The SQL files: beside this file, and beside the bundle that it becomes part of. */
const MIGRATIONS_FOLDER = join(import.meta.dirname, 'migrations')

/** The smallest part of a logger that the runner of migrations needs. */
export type MigrationLog = {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/**
 * Brings schema and roles up to date, in one transaction, and gives the two roles the passwords of their
 * secrets. Running it again changes nothing.
 * @returns the names of the migrations that were applied
 */
export async function migrate(
  client: Client,
  options: { readonly write: Credentials; readonly read: Credentials; readonly log: MigrationLog },
): Promise<readonly string[]> {
  const applied = await runner({
    dbClient: client,
    dir: MIGRATIONS_FOLDER,
    direction: 'up',
    migrationsTable: 'migrations',
    // Out of the way of the roles, which see the schema public only.
    migrationsSchema: 'migrator',
    createMigrationsSchema: true,
    singleTransaction: true,
    // The caller holds a lock over more than this.
    noLock: true,
    logger: options.log,
  })
  await setPassword(client, 'app_readwrite', options.write)
  await setPassword(client, 'app_readonly', options.read)
  return applied.map(({ name }) => name)
}

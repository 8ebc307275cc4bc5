import { join } from 'node:path'
import { runner } from 'node-pg-migrate'
import type { Client } from 'pg'
import * as z from 'zod'
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
  await limitReaders(client)
  await setPassword(client, 'app_readwrite', options.write)
  await setPassword(client, 'app_readonly', options.read)
  return applied.map(({ name }) => name)
}

const READERS = `SELECT rolconnlimit AS now, current_setting('max_connections')::int * 3 / 4 AS wanted
  FROM pg_roles WHERE rolname = 'app_readonly'`
const readersSchema = z.tuple([z.object({ now: z.int(), wanted: z.int() })])

/**
 * Gives readers three quarters of the server's connections: however many instances of the API run, the bar-writer and the
 * owner get theirs. Migration 0007 gave them 150, of the 200 of a server that may have fewer today.
 */
async function limitReaders(client: Client): Promise<void> {
  const [{ now, wanted }] = readersSchema.parse((await client.query(READERS)).rows)
  if (now !== wanted) await client.query(`ALTER ROLE app_readonly CONNECTION LIMIT ${wanted}`)
}

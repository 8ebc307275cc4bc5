import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { runner } from 'node-pg-migrate'
import { type Client, DatabaseError } from 'pg'
import * as z from 'zod'
import type { Credentials } from '../shared/postgres/credentials.ts'
import { type RoleAccess, setAccess } from './role-access.ts'
import { setPassword } from './role-password.ts'

/** The SQL files: beside this file, and beside the bundle that it becomes part of. */
const MIGRATIONS_FOLDER = join(import.meta.dirname, 'migrations')

/** The smallest part of a logger that the runner of migrations needs. */
export type MigrationLog = {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** How migrations wait for locks, in milliseconds. */
export type LockPatience = {
  /** For one lock: whoever comes next, writers too, waits behind the migration. */
  readonly waitMs: number
  /** Until it is tried again, while the others go on. */
  readonly pauseMs: number
  readonly attempts: number
}

/** Two minutes in all. */
const PATIENCE: LockPatience = { waitMs: 5000, pauseMs: 5000, attempts: 12 }

/** A statement ends before the function does, so that it can report why it failed. */
const STATEMENT_TIMEOUT = '13min'

/** Others held what the migrations have to lock. */
export class MigrationLockedError extends Error {
  override readonly name = 'MigrationLockedError'
}

export type MigrateOptions = {
  readonly write: Credentials
  readonly read: Credentials
  /** How the two roles sign in. @default password */
  readonly access?: RoleAccess
  readonly log: MigrationLog
  /** Of SQL files. @default those of this release */
  readonly folder?: string
  /** @default up to two minutes, of which the others wait 5 s at a time */
  readonly patience?: LockPatience
}

/**
 * Brings schema and roles up to date, in one transaction, and gives the two roles the passwords of their
 * secrets. Running it again changes nothing.
 * @returns the names of the migrations that were applied
 * @throws MigrationLockedError when others do not release what has to be locked; nothing has changed then
 */
export async function migrate(client: Client, options: MigrateOptions): Promise<readonly string[]> {
  const { patience = PATIENCE } = options
  await client.query(`SET lock_timeout = ${patience.waitMs}; SET statement_timeout = '${STATEMENT_TIMEOUT}'`)
  const applied = await untilUnlocked(patience, options.log, () => applyAll(client, options))
  await client.query('RESET lock_timeout; RESET statement_timeout')
  await limitReaders(client)
  await setPassword(client, 'app_readwrite', options.write)
  await setPassword(client, 'app_readonly', options.read)
  await setAccess(client, ['app_readwrite', 'app_readonly'], options.access ?? 'password')
  return applied.map(({ name }) => name)
}

/** Tries again while a lock is not to be had. */
async function untilUnlocked<Result>(
  { attempts, pauseMs }: LockPatience,
  log: MigrationLog,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== '55P03') throw error
      if (tried === attempts)
        throw new MigrationLockedError(
          `migrations have waited ${attempts} times for a lock that others hold; nothing has changed: send ` +
            '{"type":"diagnose"} to the migrator for who it is, and deploy again when they are done',
          { cause: error },
        )
      log.warn(`a migration waits for a lock; it is tried again, ${tried} of ${attempts - 1}`)
      await pause(pauseMs)
    }
  }
}

async function applyAll(client: Client, options: MigrateOptions) {
  return await runner({
    dbClient: client,
    dir: options.folder ?? MIGRATIONS_FOLDER,
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

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type LockPatience, migrate, MigrationLockedError } from '../../../functions/migrator/migrate.ts'
import { startMigratedServer, type TestServer } from '../../support/test-server.ts'

const OURS = join(import.meta.dirname, '../../../functions/migrator/migrations')
const PATIENCE: LockPatience = { waitMs: 100, pauseMs: 200, attempts: 100 }

let server: TestServer
let folder: string
let warnings: string[]

beforeAll(async () => {
  server = await startMigratedServer()
  folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  cpSync(OURS, folder, { recursive: true })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.remove()
})
beforeEach(() => {
  warnings = []
})

/** Runs a migration that needs the table `symbols` for itself. */
async function addColumn(name: string, patience: LockPatience): Promise<readonly string[]> {
  writeFileSync(join(folder, `${name}.sql`), `ALTER TABLE symbols ADD COLUMN added_${name} text;`)
  const { credentials } = server
  return await server.as('owner', (client) =>
    migrate(client, {
      write: credentials('app_readwrite'),
      read: credentials('app_readonly'),
      log: { info: () => undefined, warn: (text) => warnings.push(text), error: () => undefined },
      folder,
      patience,
    }),
  )
}

const write = (symbol: string) =>
  server.as('app_readwrite', (client) =>
    client.query(
      `INSERT INTO symbols (symbol, first_day, last_day) VALUES ($1, '2026-01-05', '2026-01-05') ON CONFLICT DO NOTHING`,
      [symbol],
    ),
  )

describe('a migration that has to lock a table', () => {
  it('lets writers go on while a reader keeps it from its lock, and is applied when that has ended', async () => {
    const migrated = await server.as('app_readonly', async (reader) => {
      await reader.query('BEGIN')
      await reader.query('SELECT * FROM symbols')
      const migrating = addColumn('9901_one', PATIENCE)
      for (let written = 0; written < 5; written++) await write(`WRITTEN${written}`)
      const { rows } = await server.as('owner', (client) =>
        client.query(`SELECT count(*)::int AS written FROM symbols WHERE symbol LIKE 'WRITTEN%'`),
      )
      expect(rows).toEqual([{ written: 5 }])
      await reader.query('COMMIT')
      return await migrating
    })
    expect(migrated).toEqual(['9901_one'])
  })

  it('gives up in the end, says what to do and has changed nothing', async () => {
    await server.as('app_readonly', async (reader) => {
      await reader.query('BEGIN')
      await reader.query('SELECT * FROM symbols')
      const failed = addColumn('9902_two', { ...PATIENCE, attempts: 2 })
      await expect(failed).rejects.toThrow(MigrationLockedError)
      await expect(failed).rejects.toThrow(
        'have waited 2 times for a lock that others hold; nothing has changed',
      )
      expect(warnings.filter((text) => text.includes('lock'))).toEqual([
        'a migration waits for a lock; it is tried again, 1 of 1',
      ])
      await reader.query('COMMIT')
    })
    expect(await addColumn('9902_two', PATIENCE)).toEqual(['9902_two'])
  })

  it('leaves the session as it was', async () => {
    const { credentials } = server
    const { rows } = await server.as('owner', async (client) => {
      await migrate(client, {
        write: credentials('app_readwrite'),
        read: credentials('app_readonly'),
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        folder,
      })
      return await client.query(
        `SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement`,
      )
    })
    expect(rows).toEqual([{ lock: '0', statement: '0' }])
  })
})

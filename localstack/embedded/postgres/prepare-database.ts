import { Client } from 'pg'
import type { ConnectionConfig } from './start-postgres.ts'

/** An arbitrary key of an advisory lock: one preparation at a time. */
const PREPARATION_LOCK = 7_203_114

/**
 * Creates what RDS would have given us: an owner role that may create roles but is no superuser, and the
 * database it owns. Done again, it changes nothing but the owner's password. Rejects if the database cannot be
 * entered.
 */
export async function prepareDatabase(options: {
  readonly superuser: ConnectionConfig
  readonly database: string
  readonly owner: { readonly username: string; readonly password: string }
}): Promise<void> {
  const client = new Client(options.superuser)
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PREPARATION_LOCK])
    const owner = client.escapeIdentifier(options.owner.username)
    const password = client.escapeLiteral(options.owner.password)
    const roles = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [options.owner.username])
    const verb = roles.rowCount === 0 ? 'CREATE' : 'ALTER'
    await client.query(`${verb} ROLE ${owner} LOGIN NOSUPERUSER NOCREATEDB CREATEROLE PASSWORD ${password}`)
    const databases = await client.query('SELECT FROM pg_database WHERE datname = $1', [options.database])
    if (databases.rowCount === 0) {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(options.database)} OWNER ${owner}`)
    }
  } finally {
    await client.end()
  }
  // The session reads the catalogs of that very database.
  const session = new Client({ ...options.superuser, database: options.database })
  await session.connect()
  await session.end()
}

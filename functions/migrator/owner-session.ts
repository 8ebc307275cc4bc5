import type { ConnectionOptions } from 'node:tls'
import { Client } from 'pg'
import type { Credentials } from '../shared/postgres/credentials.ts'

/** Any number will do, as long as nothing else in the database takes it. */
const MIGRATOR_LOCK = 5_417_930

/** Runs `work` as the owner, and never two at a time in one database: the second waits for the first. */
export async function asOwner<Result>(
  credentials: Credentials,
  ssl: ConnectionOptions | false,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  return await inSession(credentials, ssl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATOR_LOCK])
    return await work(client)
  })
}

/** Runs `work` in a connection of its own. */
export async function inSession<Result>(
  credentials: Credentials,
  ssl: ConnectionOptions | false,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({
    host: credentials.host,
    port: credentials.port,
    user: credentials.username,
    password: credentials.password,
    database: credentials.dbname,
    ssl,
    application_name: 'migrator',
    connectionTimeoutMillis: 10_000,
  })
  // A connection lost between two statements; the next statement fails and says so.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end()
  }
}

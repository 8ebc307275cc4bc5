import type { ConnectionOptions } from 'node:tls'
import { Client, DatabaseError } from 'pg'
import type { Credentials } from '../shared/postgres/credentials.ts'

/** An arbitrary number that nothing else in the database uses. */
const MIGRATOR_LOCK = 5_417_930

/** Less than the function's timeout, so that it can report why it failed. */
const LOCK_WAIT_SECONDS = 120

/** Another run of the migrator holds the database. */
export class MigratorBusyError extends Error {
  override readonly name = 'MigratorBusyError'
}

/**
 * Runs `work` as the owner, and never two at a time in one database: the second waits for the first.
 *
 * @param options.waitSeconds for another run that does not end
 * @throws MigratorBusyError when it has waited that long
 */
export async function asOwner<Result>(
  credentials: Credentials,
  ssl: ConnectionOptions | false,
  work: (client: Client) => Promise<Result>,
  { waitSeconds = LOCK_WAIT_SECONDS }: { readonly waitSeconds?: number } = {},
): Promise<Result> {
  return await inSession(credentials, ssl, async (client) => {
    await lockMigrator(client, waitSeconds)
    return await work(client)
  })
}

async function lockMigrator(client: Client, waitSeconds: number): Promise<void> {
  await client.query(`SET lock_timeout = '${waitSeconds}s'`)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATOR_LOCK])
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== '55P03') throw error
    throw new MigratorBusyError(
      `another run of the migrator holds the database since more than ${waitSeconds} s: wait until it ends, or ` +
        'send {"type":"diagnose"}, and end its session with {"type":"end-session","pid":PID}',
      { cause: error },
    )
  }
  await client.query('RESET lock_timeout')
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
  // The connection was lost between two statements; the next statement reports it.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end()
  }
}

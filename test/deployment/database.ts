import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type ConnectionConfig, prepareDatabase, startPostgres } from 'embedded-aws/postgres'
import { Client } from 'pg'

/** An empty database for one run of the suite. */
export type SuiteDatabase = {
  /** As this process reaches it. */
  readonly host: string
  readonly port: number
  readonly name: string
  /** Parameters of the stack: the place as the functions reach it, and its owner. */
  readonly parameters: Readonly<Record<string, string>>
  remove(): Promise<void>
}

type Server = { readonly superuser: ConnectionConfig; readonly forFunctions: string; stop(): Promise<void> }

/**
 * Makes an empty database in the Postgres that `TICKSTOCK_DATABASE_URL` names (as superuser), or in an embedded one.
 * Functions that run elsewhere find the former at `TICKSTOCK_DATABASE_FOR_FUNCTIONS` (`host:port`).
 */
export async function openDatabase(): Promise<SuiteDatabase> {
  const url = process.env['TICKSTOCK_DATABASE_URL']
  const server = url ? givenServer(new URL(url)) : await embeddedServer()
  const { superuser } = server
  const name = `tickstock_suite_${randomBytes(4).toString('hex')}`
  const owner = { username: 'tickstock_owner', password: randomBytes(16).toString('hex') }
  await prepareDatabase({ superuser, database: name, owner })
  const [host = '', port = '5432'] = server.forFunctions.split(':')
  return {
    host: superuser.host,
    port: superuser.port,
    name,
    parameters: {
      DatabaseHost: host,
      DatabasePort: port,
      DatabaseName: name,
      DatabaseOwner: owner.username,
      DatabaseOwnerPassword: owner.password,
    },
    remove: async () => {
      await dropDatabase(superuser, name)
      await server.stop()
    },
  }
}

function givenServer(url: URL): Server {
  const port = url.port || '5432'
  return {
    superuser: {
      host: url.hostname,
      port: Number(port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: url.pathname.slice(1) || 'postgres',
    },
    forFunctions: process.env['TICKSTOCK_DATABASE_FOR_FUNCTIONS'] || `${url.hostname}:${port}`,
    stop: async () => {},
  }
}

async function embeddedServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-suite-'))
  const postgres = await startPostgres({ folder, durability: 'none' })
  return {
    superuser: postgres.superuser,
    forFunctions: `${postgres.host}:${postgres.port}`,
    stop: async () => {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function dropDatabase(superuser: ConnectionConfig, name: string): Promise<void> {
  const client = new Client(superuser)
  await client.connect()
  await client.query(`DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`)
  await client.end()
}

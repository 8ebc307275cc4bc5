import type { ConnectionOptions } from 'node:tls'
import { Pool } from 'pg'
import { arrayText } from './array-text.ts'
import type { Credentials, LoadCredentials } from './credentials.ts'
import { failureKind } from './errors.ts'

/** The subset of pg's Pool that the functions need. */
export type Queryable = {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

export type Database = Queryable & { end(): Promise<void> }

export type DatabaseOptions = {
  readonly ssl: ConnectionOptions | false
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** Milliseconds. @default 25_000 */
  readonly queryTimeout?: number
  /** Runs first in each session; one in which it throws is not used. @default nothing */
  readonly prepare?: (session: Queryable) => Promise<void>
  /** Unix milliseconds. @default the system's */
  readonly now?: () => number
}

/**
 * How long a connection may rest. While a function is frozen, for the night or a weekend, the network forgets connections
 * that carry nothing, after some minutes: the next statement on it would wait for its time limit.
 */
const MAX_IDLE_MS = 240_000

/**
 * One connection, made when first needed and remade when it is lost. A statement that meets a lost
 * connection or a changed password is sent once more, so statements must be harmless to repeat.
 */
export function openDatabase(loadCredentials: LoadCredentials, options: DatabaseOptions): Database {
  const { now = Date.now } = options
  let pool: Promise<Pool> | undefined
  let usedAt = now()

  const connected = (): Promise<Pool> => {
    if (pool === undefined) {
      const opening = loadCredentials().then((credentials) => openPool(credentials, options))
      pool = opening
      // A secret that could not be read is asked for again.
      opening.catch(() => {
        if (pool === opening) pool = undefined
      })
    }
    return pool
  }
  /** Statements in progress on that pool finish. Not awaited: a broken connection may never answer. */
  const abandon = (previous: Promise<Pool>): void => {
    if (pool === previous) pool = undefined
    previous.then((open) => open.end()).catch(() => undefined)
  }
  const attempt = async (text: string, values: readonly unknown[]) => {
    if (pool !== undefined && now() - usedAt > MAX_IDLE_MS) abandon(pool)
    const current = connected()
    usedAt = now()
    try {
      const result = await (await current).query(text, values.map(parameter))
      usedAt = now()
      return result
    } catch (error) {
      // After a rotation or a failover the secret has new credentials.
      if (isPassing(error)) abandon(current)
      throw error
    }
  }
  return {
    query: async (text, values = []) => {
      try {
        return await attempt(text, values)
      } catch (error) {
        if (!isPassing(error)) throw error
        return await attempt(text, values)
      }
    },
    end: async () => {
      const last = pool
      pool = undefined
      await (await last)?.end()
    },
  }
}

function parameter(value: unknown): unknown {
  return Array.isArray(value) ? (arrayText(value) ?? value) : value
}

function isPassing(error: unknown): boolean {
  const kind = failureKind(error)
  return kind === 'credentials' || kind === 'unavailable'
}

function openPool(credentials: Credentials, options: DatabaseOptions): Pool {
  // pg awaits it, although its types do not declare that.
  const preparation = options.prepare && { onConnect: options.prepare }
  const pool = new Pool({
    host: credentials.host,
    port: credentials.port,
    user: credentials.username,
    password: credentials.password,
    database: credentials.dbname,
    ssl: options.ssl,
    application_name: options.applicationName,
    ...preparation,
    max: 1,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: options.queryTimeout ?? 25_000,
    // A frozen function's timers do not run: the connection lives as long as the server lets it.
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  })
  // An idle connection was lost; the pool has dropped it already and the next statement gets a new one.
  pool.on('error', () => undefined)
  return pool
}

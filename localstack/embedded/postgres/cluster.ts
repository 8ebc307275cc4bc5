import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DamagedError, StartError } from '../errors.ts'
import { identity, type OsUser } from './os-user.ts'
import { copyTemplate, keepTemplate } from './template.ts'

/** `full` survives a power cut; `none` a crash of Postgres only, and is quicker: for throw-away clusters. */
export type Durability = 'full' | 'none'

/**
 * Makes the cluster `place`/data unless it is there, and returns the superuser's password. A creation
 * that was cut short leaves nothing that a later start would take for a cluster.
 */
export async function ensureCluster(
  place: string,
  initdb: string,
  options: {
    readonly user: OsUser
    readonly password: string | undefined
    readonly durability: Durability
    /** Folder of a cluster that this one becomes a copy of; where there is none, a copy of this one is put there. */
    readonly template: string | undefined
  },
): Promise<string> {
  const passwordFile = join(place, 'superuser-password')
  if (existsSync(join(place, 'data', 'PG_VERSION'))) {
    if (!existsSync(passwordFile)) throw new DamagedError(passwordFile, 'is missing')
    const password = readFileSync(passwordFile, 'utf8')
    if (password === '') throw new DamagedError(passwordFile, 'is damaged (it is empty)')
    if (options.password !== undefined && options.password !== password) {
      throw new StartError(
        `The Postgres in ${place} was created with another superuser password: use that one, or omit it.`,
      )
    }
    return password
  }
  // A creation that was cut short never has this name: what lies there was a cluster.
  if (existsSync(join(place, 'data')))
    throw new DamagedError(join(place, 'data'), 'is damaged (it has no PG_VERSION)')
  const unfinished = join(place, 'data.unfinished')
  const template = options.password === undefined ? options.template : undefined
  const copied = template === undefined ? undefined : await copyTemplate(template, unfinished, options.user)
  if (copied !== undefined) {
    writeFileSync(passwordFile, copied, { mode: 0o600 })
    renameSync(unfinished, join(place, 'data'))
    return copied
  }
  const password = options.password ?? randomBytes(24).toString('base64url')
  const handedOver = join(place, 'initdb-password')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  writeFileSync(handedOver, password, { mode: 0o600 })
  if (options.user) {
    for (const path of [unfinished, handedOver]) chownSync(path, options.user.uid, options.user.gid)
  }
  try {
    await runInitdb(
      initdb,
      [`--pgdata=${unfinished}`, `--pwfile=${handedOver}`, ...initdbFlags(options)],
      options.user,
    )
  } finally {
    rmSync(handedOver, { force: true })
  }
  if (template !== undefined) await keepTemplate(template, unfinished, password)
  renameSync(unfinished, join(place, 'data'))
  return password
}

function initdbFlags({ durability }: { readonly durability: Durability }): string[] {
  return [
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    ...(durability === 'none' ? ['--no-sync'] : []),
  ]
}

async function runInitdb(initdb: string, flags: readonly string[], user: OsUser): Promise<void> {
  const child = spawn(initdb, flags, {
    ...identity(user),
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new StartError(`cannot run ${initdb}: ${error.message}`, { cause: error })),
    )
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new StartError(
      `Postgres could not make its data folder (initdb ended with ${code}): ${complaints.trim().replaceAll(/\s*\n\s*/g, '; ')}`,
    )
}

/** Nothing of ours: no PG* variable may steer the server, no credential of the user's may reach it. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

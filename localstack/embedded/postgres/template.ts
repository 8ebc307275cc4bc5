import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OsUser } from './os-user.ts'
import { handOver } from './relocation.ts'

const PASSWORD = 'superuser-password'

/**
 * Copies the cluster of a template to `data`, in a tenth of the time that initdb takes.
 *
 * @returns the superuser's password; undefined where there is no template that can be read
 */
export async function copyTemplate(
  template: string,
  data: string,
  user: OsUser,
): Promise<string | undefined> {
  rmSync(data, { recursive: true, force: true })
  try {
    const password = readFileSync(join(template, PASSWORD), 'utf8')
    await cp(join(template, 'data'), data, { recursive: true })
    if (user !== undefined) handOver(data, user)
    return password
  } catch {
    // Not there, or removed meanwhile.
    rmSync(data, { recursive: true, force: true })
    return undefined
  }
}

/** Keeps a copy of the cluster at `data`, on which no server runs, as a template; where that cannot be written, it is not kept. */
export async function keepTemplate(template: string, data: string, password: string): Promise<void> {
  let unfinished: string | undefined
  try {
    mkdirSync(dirname(template), { recursive: true })
    unfinished = mkdtempSync(`${template}.`)
    await cp(data, join(unfinished, 'data'), { recursive: true })
    writeFileSync(join(unfinished, PASSWORD), password, { mode: 0o600 })
    renameSync(unfinished, template)
  } catch {
    // Another process was quicker, or the folder is read-only: initdb does as well.
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true })
  }
}

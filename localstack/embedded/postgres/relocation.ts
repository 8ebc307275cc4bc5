import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../storage/owner-only.ts'
import { stopOrphan } from './orphan.ts'
import { mayEnter, type OsUser } from './os-user.ts'

/** Where root keeps what the server's user must reach when the checkout lies where it cannot. */
const SHARED_FOLDER = '/var/lib/embedded-postgres'

/** Makes that folder, open to every user whatever the umask, and returns its path. */
export function ensureSharedFolder(): string {
  mkdirSync(SHARED_FOLDER, { recursive: true })
  chmodSync(SHARED_FOLDER, 0o755)
  return SHARED_FOLDER
}

/**
 * The folder that holds the cluster: `folder` itself; or, when root starts the server and its user cannot
 * enter `folder` (a parent is 0700), a stand-in below /var/lib, which the file `location` in `folder` names.
 * A stand-in whose `folder` is gone is removed at the next start of any server on this machine.
 */
export async function placeCluster(folder: string, user: OsUser): Promise<string> {
  makeFolder(folder)
  if (user === undefined) return folder
  await removeAbandoned()
  chmodSync(folder, (statSync(folder).mode & 0o777) | 0o011)
  const place = mayEnter(folder, user) ? folder : standIn(folder)
  // Only data folders belong to the server's user; `place` stays root's, so that it cannot swap them.
  const data = join(place, 'data')
  if (existsSync(data) && statSync(data).uid !== user.uid) handOver(data, user)
  return place
}

/** True when there is a cluster, whole or damaged, for `folder`: there or in its stand-in. */
export function hasCluster(folder: string): boolean {
  return existsSync(join(read(join(folder, 'location')) ?? folder, 'data'))
}

/** True when a server that was not stopped may still run the cluster of `folder`. */
export function mayBeRunning(folder: string): boolean {
  return existsSync(join(read(join(folder, 'location')) ?? folder, 'data', 'postmaster.pid'))
}

function standIn(folder: string): string {
  const pointer = join(folder, 'location')
  const known = read(pointer)
  if (known !== undefined && existsSync(known)) return known
  const place = mkdtempSync(join(ensureSharedFolder(), 'cluster-'))
  chmodSync(place, 0o711)
  writeFileSync(pointer, place)
  writeFileSync(join(place, 'origin'), folder)
  return place
}

async function removeAbandoned(): Promise<void> {
  if (!existsSync(SHARED_FOLDER)) return
  for (const name of readdirSync(SHARED_FOLDER)) {
    const place = join(SHARED_FOLDER, name)
    const origin = read(join(place, 'origin'))
    if (origin === undefined || read(join(origin, 'location')) === place) continue
    await stopOrphan(join(place, 'data'))
    rmSync(place, { recursive: true, force: true })
  }
}

/** Makes a user the owner of a folder and of all that is in it. */
export function handOver(path: string, user: { readonly uid: number; readonly gid: number }): void {
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(path, name), user.uid, user.gid)
  }
  chownSync(path, user.uid, user.gid)
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

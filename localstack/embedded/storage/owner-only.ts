import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { codeOf } from '../errors.ts'

/** Permissions of everybody but the owner. */
const OTHERS = 0o077

/**
 * Makes a folder that only its owner may enter, unless it is there. On a file system that is read-only, Node.js would say
 * that a parent is missing.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    // Says why the first missing one cannot be made.
    if (codeOf(error) === 'ENOENT') mkdirSync(firstMissing(path))
    throw error
  }
}

function firstMissing(path: string): string {
  const parent = dirname(path)
  return statSync(parent, { throwIfNoEntry: false }) === undefined ? firstMissing(parent) : path
}

/**
 * From now on, whatever this process makes is for its owner only, also what SQLite and Postgres make; the
 * returned function ends that. Only the main thread can.
 */
export function makeOwnerOnly(): () => void {
  if (!isMainThread) return () => undefined
  if (holders++ === 0) maskBefore = process.umask(OTHERS)
  let hasEnded = false
  return () => {
    if (hasEnded) return
    hasEnded = true
    if (--holders === 0) process.umask(maskBefore)
  }
}

/** Runtimes of this process that want it, which may end in any order, and the mask of before the first one. */
let holders = 0
let maskBefore = 0

/**
 * Makes a folder, and closes it to others: an earlier version, or a copy, may have left it open with what is in it.
 *
 * @param mode of the folder itself @default 0o700
 */
export function closeToOthers(folder: string, mode = 0o700): void {
  makeFolder(folder)
  if ((statSync(folder).mode & 0o777) === mode) return
  removePermissions(folder)
  changeMode(folder, mode)
}

/** Leaves the owner's permissions of a folder and all that is in it. */
export function removePermissions(path: string): void {
  const status = lstatSync(path)
  if (status.isSymbolicLink()) return
  if ((status.mode & OTHERS) !== 0) changeMode(path, status.mode & 0o700)
  if (status.isDirectory()) for (const name of readdirSync(path)) removePermissions(join(path, name))
}

/** What belongs to somebody else is theirs to close. */
function changeMode(path: string, mode: number): void {
  try {
    chmodSync(path, mode)
  } catch (error) {
    if (codeOf(error) !== 'EPERM') throw error
  }
}

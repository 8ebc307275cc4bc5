import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { codeOf, messageOf, StartError } from '../errors.ts'
import { lookUpProcess } from '../process-table.ts'
import { makeFolder } from './owner-only.ts'

/** Folders that this very process holds: its process id alone would not tell. */
const held = new Set<string>()

/**
 * Takes a data folder for this process, so that no two runtimes use it; the returned function gives it back.
 * A lock whose process is gone, or is another one with its id by now, is taken over. Throws a StartError that names
 * the process that holds it.
 */
export function lockDataFolder(folder: string): () => void {
  const root = resolve(folder)
  const lock = join(root, LOCK_FILE)
  try {
    makeFolder(root)
    acquire(root, lock)
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(
      `The data folder ${root} cannot be used (${messageOf(error)}): give another folder`,
      {
        cause: error,
      },
    )
  }
  held.add(root)
  return () => {
    held.delete(root)
    rmSync(lock, { force: true })
  }
}

/** The file in a data folder that says which process holds it. */
export const LOCK_FILE = 'runtime.lock'

function acquire(root: string, lock: string): void {
  const own = `${lock}.${process.pid}`
  writeFileSync(own, `${process.pid}\n${startOf(process.pid)}`)
  try {
    while (!take(own, lock)) {
      const text = read(lock)
      if (held.has(root) || isHeld(text))
        throw new StartError(
          `The data folder ${root} is in use by process ${pidIn(text) ?? process.pid}: stop it, or give another folder`,
        )
      setAside(lock, text)
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/** A hard link appears with its content at once, or not at all: no reader meets an empty lock. */
function take(own: string, lock: string): boolean {
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock that nobody holds, unless another process has just put its own in its place. */
function setAside(lock: string, text: string | undefined): void {
  const aside = `${lock}.stale.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if (read(aside) !== text) take(aside, lock)
  rmSync(aside, { force: true })
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function pidIn(text: string | undefined): number | undefined {
  const pid = Number(text?.split('\n')[0])
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}

/** Locks of older versions hold no start time. */
function isHeld(text: string | undefined): boolean {
  const pid = pidIn(text)
  if (pid === undefined || pid === process.pid) return false
  const started = text?.split('\n')[1]
  return started === undefined ? startOf(pid) !== undefined : startOf(pid) === started
}

function startOf(pid: number): string | undefined {
  return lookUpProcess(pid)?.startedAt
}

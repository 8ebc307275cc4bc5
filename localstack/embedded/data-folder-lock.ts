import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { codeOf, messageOf, StartError } from './errors.ts'

/** Folders that this very process holds: its process id alone would not tell. */
const held = new Set<string>()

/**
 * Takes a data folder for this process, so that no two runtimes use it; the returned function gives it back.
 * A lock whose process is gone is taken over. Throws a StartError that names the process that holds it.
 */
export const lockDataFolder = (folder: string): (() => void) => {
  const root = resolve(folder)
  try {
    mkdirSync(root, { recursive: true })
  } catch (error) {
    throw new StartError(`Cannot use the data folder ${root}: ${messageOf(error)}`, { cause: error })
  }
  const lock = join(root, 'runtime.lock')
  const own = `${lock}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    while (!take(own, lock)) {
      const holder = holderOf(lock)
      if (held.has(root) || (holder !== undefined && holder !== process.pid && isAlive(holder))) {
        throw new StartError(
          `The data folder ${root} is in use by process ${holder}. Stop it, or give another folder.`,
        )
      }
      rmSync(lock, { force: true })
    }
  } finally {
    rmSync(own, { force: true })
  }
  held.add(root)
  return () => {
    held.delete(root)
    rmSync(lock, { force: true })
  }
}

/** A hard link appears with its content at once, or not at all: no reader meets an empty lock. */
const take = (own: string, lock: string): boolean => {
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

const holderOf = (lock: string): number | undefined => {
  try {
    const holder = Number(readFileSync(lock, 'utf8'))
    return Number.isInteger(holder) && holder > 0 ? holder : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { codeOf } from 'embedded-aws/errors'

import { isAlive } from './is-alive.ts'

/**
 * Gives `work` a folder that is removed afterwards. Where the process is killed meanwhile, the next one with the same
 * purpose removes it.
 *
 * @param purpose part of the folder's name: `replay`
 */
export async function inThrowAwayFolder<Result>(
  purpose: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const prefix = `tickstock-${purpose}-`
  removeLeftOvers(prefix)
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  // Also when a thread of it dies, of a full disk for one.
  process.once('exit', remove)
  try {
    return await work(folder)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** A disk may still be mounted in it. */
function removeLeftOver(folder: string): void {
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    remove()
  } catch (error) {
    if (codeOf(error) !== 'EBUSY') throw error
    for (const name of readdirSync(folder)) spawnSync('umount', ['--lazy', join(folder, name)])
    remove()
  }
}

/** Folders of processes that were killed. */
function removeLeftOvers(prefix: string): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0
    if (pid > 0 && !isAlive(pid)) removeLeftOver(join(tmpdir(), name))
  }
}

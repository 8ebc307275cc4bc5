import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { isDiskFull } from '../../terminal/disk-full.ts'

/** A disk for one folder alone, in memory, that can be full without harm to anything else. */
export type OwnDisk = {
  /** Writes until there is no space. */
  fill(): void
  /** Takes away what `fill` has written. */
  empty(): void
  unmount(): void
}

const BLOCK = Buffer.alloc(1024 * 1024)

/** Mounts a disk of so many MiB at a folder that it makes; undefined where this may not be done, which is for root on Linux. */
export function mountOwnDisk(folder: string, megabytes: number): OwnDisk | undefined {
  mkdirSync(folder)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  if (status !== 0) return undefined
  // Root's Postgres, which runs as another user, is then on it too.
  for (const each of [dirname(folder), folder]) chmodSync(each, 0o711)
  const filler = join(folder, 'filler')
  return {
    fill: () => {
      const file = openSync(filler, 'w')
      try {
        for (;;) writeSync(file, BLOCK)
      } catch (error) {
        if (!isDiskFull(String(error))) throw error
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
    unmount: () => void spawnSync('umount', ['--lazy', folder]),
  }
}

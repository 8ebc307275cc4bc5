import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isAlive } from '../../bin/terminal/is-alive.ts'

/** Where Node.js keeps compiled modules by itself. */
const COMPILE_CACHE = 'node-compile-cache'
/** Where a worker leaves synthesized templates for the others. */
export const TEMPLATES = 'tickstock-templates'
const SHARED = new Set([COMPILE_CACHE, TEMPLATES])
/** The file system in memory that Linux has: the thousands of files of each Postgres cost the least there. */
const IN_MEMORY = '/dev/shm'
/** A run takes a quarter of it. */
const WANTED_BYTES = 4 * 1024 ** 3

/**
 * Gives a whole run of tests, and every process that it starts, a temporary folder of its own.
 *
 * @returns what removes it, and fails the run when something was left in it
 */
export default function setUp(): () => void {
  const { TMPDIR, NODE_COMPILE_CACHE } = process.env
  const folder = (TMPDIR === undefined ? folderInMemory() : undefined) ?? folderIn(tmpdir())
  process.env['TMPDIR'] = folder
  mkdirSync(join(folder, TEMPLATES))
  // Hundreds of processes load the CDK or the SDK: the first compiles them for all.
  process.env['NODE_COMPILE_CACHE'] = join(folder, COMPILE_CACHE)
  return () => {
    restore({ TMPDIR, NODE_COMPILE_CACHE })
    const left = readdirSync(folder).filter((name) => !SHARED.has(name))
    rmSync(folder, { recursive: true, force: true })
    if (left.length > 0)
      throw new Error(
        `the tests left ${left.length} files and folders in TMPDIR: ${left.toSorted().join(', ')}`,
      )
  }
}

function folderIn(parent: string): string {
  // The name is short since paths of sockets may lie below it.
  const folder = mkdtempSync(join(parent, `tests-${process.pid}-`))
  // The user that Postgres runs as goes through it.
  chmodSync(folder, 0o711)
  return folder
}

/** Undefined where there is too little memory, or programs may not be run from there. */
function folderInMemory(): string | undefined {
  try {
    removeLeftOvers()
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    if (Math.min(bavail * bsize, process.availableMemory()) < WANTED_BYTES) return undefined
    const folder = folderIn(IN_MEMORY)
    if (runsPrograms(folder)) return folder
    rmSync(folder, { recursive: true })
  } catch {
    // There is none, or it may not be written.
  }
  return undefined
}

/** Of runs that were killed. */
function removeLeftOvers(): void {
  for (const name of readdirSync(IN_MEMORY)) {
    const [, pid] = /^tests-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(IN_MEMORY, name), { recursive: true })
  }
}

function runsPrograms(folder: string): boolean {
  const program = join(folder, 'program')
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 })
  const { status } = spawnSync(program)
  rmSync(program)
  return status === 0
}

function restore(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
}

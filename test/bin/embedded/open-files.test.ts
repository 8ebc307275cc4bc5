import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'

import { describe, expect, it, onTestFinished } from 'vitest'

import { openFiles, residentBytes } from '../../../bin/embedded/open-files.ts'

/** A process below this one, which has started another with so many files open. */
async function startWith(files: number): Promise<void> {
  const inner = `const { openSync } = require('node:fs'); for (let i = 0; i < ${files}; i++) openSync(process.execPath, 'r'); process.stdout.write('open'); process.stdin.resume()`
  const outer = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' })`
  const child = spawn(process.execPath, ['-e', outer, inner], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.stdin.end()
    await once(child, 'close')
  })
  await once(child.stdout, 'data')
}

describe.runIf(process.platform === 'linux')('open files', () => {
  it('are those of the process itself', () => {
    const before = openFiles(process.pid) ?? 0
    const files = Array.from({ length: 50 }, () => openSync(process.execPath, 'r'))
    const meanwhile = openFiles(process.pid) ?? 0
    for (const file of files) closeSync(file)
    // Other tests of this process may open and close some.
    expect(meanwhile - before).toBeGreaterThan(30)
  })

  it('are those of all processes below it, too', async () => {
    const before = openFiles(process.pid) ?? 0
    await startWith(200)
    expect((openFiles(process.pid) ?? 0) - before).toBeGreaterThan(180)
  })

  it('and memory are unknown of a process that is not there', () => {
    expect(openFiles(2 ** 30)).toBeUndefined()
    expect(residentBytes(2 ** 30)).toBeUndefined()
    expect(residentBytes(process.pid)).toBeGreaterThan(10_000_000)
  })
})

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDataFolder } from '../../../localstack/embedded/data-folder-lock.ts'
import { temporaryFolder } from './helpers.ts'

test('refuses a folder that a living process holds, and names it', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'runtime.lock'), String(process.ppid))
  expect(() => lockDataFolder(folder)).toThrow(`${folder} is in use by process ${process.ppid}.`)
})

test('takes over the lock of a process that is gone, and a broken one', () => {
  const folder = temporaryFolder()
  const gone = spawnSync(process.execPath, ['--version']).pid
  for (const content of [String(gone), '', 'nonsense']) {
    writeFileSync(join(folder, 'runtime.lock'), content)
    const unlock = lockDataFolder(folder)
    expect(readFileSync(join(folder, 'runtime.lock'), 'utf8')).toBe(String(process.pid))
    unlock()
  }
})

test('can be taken again once it was given back, not before', () => {
  const folder = temporaryFolder()
  const unlock = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(`in use by process ${process.pid}`)
  unlock()
  lockDataFolder(folder)()
})

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDataFolder } from './data-folder-lock.ts'
import { lookUpProcess } from '../process-table.ts'
import { temporaryFolder } from '../testing/helpers.ts'

test('refuses a folder that a living process holds, and names it', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'runtime.lock'), String(process.ppid))
  expect(() => lockDataFolder(folder)).toThrow(`${folder} is in use by process ${process.ppid}: stop it`)
  const started = lookUpProcess(process.ppid)?.startedAt
  writeFileSync(join(folder, 'runtime.lock'), `${process.ppid}\n${started}`)
  expect(() => lockDataFolder(folder)).toThrow(`${folder} is in use by process ${process.ppid}: stop it`)
})

test('takes over the lock of a process that is gone, of another one that had its id, and a broken one', () => {
  const folder = temporaryFolder()
  const gone = spawnSync(process.execPath, ['--version']).pid
  for (const content of [String(gone), `${process.ppid}\n1`, '', 'nonsense', '\0\uFFFD\n\n']) {
    writeFileSync(join(folder, 'runtime.lock'), content)
    const unlock = lockDataFolder(folder)
    expect(readFileSync(join(folder, 'runtime.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid}\n`))
    unlock()
    expect(readdirSync(folder)).toEqual([])
  }
})

test('says in one sentence that a folder or its lock file is none', () => {
  const folder = temporaryFolder({ file: '' })
  expect(() => lockDataFolder(join(folder, 'file'))).toThrow(
    /file cannot be used \(.+\): give another folder$/,
  )
  mkdirSync(join(folder, 'runtime.lock'))
  expect(() => lockDataFolder(folder)).toThrow(/cannot be used \(EISDIR.+\): give another folder$/)
})

test('can be taken again once it was given back, not before', () => {
  const folder = temporaryFolder()
  const unlock = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(`in use by process ${process.pid}`)
  unlock()
  lockDataFolder(folder)()
})

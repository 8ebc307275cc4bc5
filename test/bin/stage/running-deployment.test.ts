import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { dataPath } from '../../../bin/stage/data-path.ts'
import { readRunning, RUNNING_FILE, writeRunning } from '../../../bin/stage/running-deployment.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const DEPLOYMENT = {
  stage: 'local',
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  accessKeyId: 'test',
  secretAccessKey: 'test',
  api: { url: 'http://127.0.0.1:4566', key: 'key' },
  ticksStream: 'tickstock-local-ticks',
  readOnlyUrl: 'postgresql://127.0.0.1:4567/tickstock',
}

let folder: string
const file = () => join(folder, RUNNING_FILE)
const written = () => z.looseObject({}).parse(JSON.parse(readFileSync(file(), 'utf8')))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the file of a running deployment', () => {
  it('is believed while its process runs, readable by its user only, and gone when it is removed', () => {
    const remove = writeRunning(folder, DEPLOYMENT)
    expect(readRunning(folder)).toMatchObject({
      type: 'running',
      deployment: { ...DEPLOYMENT, pid: process.pid },
    })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    remove()
    expect(readRunning(folder)).toEqual({ type: 'none' })
  })

  it('is not believed when its process has ended, or another one has its id', () => {
    writeRunning(folder, DEPLOYMENT)
    const { pid } = spawnSync(process.execPath, ['--version'])
    const own = written()
    writeFileSync(file(), JSON.stringify({ ...own, pid }))
    expect(readRunning(folder)).toEqual({ type: 'ended', pid })
    writeFileSync(file(), JSON.stringify({ ...own, startedAt: 'earlier' }))
    expect(readRunning(folder)).toEqual({ type: 'ended', pid: process.pid })
  })

  it.each(['', '{', '{}'])('is refused in one line when it is damaged: %j', (text) => {
    writeFileSync(file(), text)
    expect(() => readRunning(folder)).toThrow(
      `${file()} cannot be read (it is damaged): restart npm start, or give --endpoint`,
    )
  })
})

it('the default data folder is that of the project, any other is relative to the working folder', () => {
  expect(dataPath('.tickstock')).toBe(join(ROOT, '.tickstock'))
  expect(dataPath('other')).toBe(join(process.cwd(), 'other'))
})

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { inThrowAwayFolder } from '../../../bin/terminal/throw-away-folder.ts'

let temporary: string

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  vi.stubEnv('TMPDIR', temporary)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true, force: true })
})

describe('a throw-away folder', () => {
  it('is gone after the work, and what the work came to is given back', async () => {
    let folder = ''
    const result = await inThrowAwayFolder('sample', async (given) => {
      folder = given
      writeFileSync(join(given, 'file'), '')
      return 7
    })
    expect(result).toBe(7)
    expect(folder).toMatch(/tickstock-sample-\d+-/)
    expect(existsSync(folder)).toBe(false)
  })

  it('is gone when the work fails, too', async () => {
    let folder = ''
    const failing = inThrowAwayFolder('sample', async (given) => {
      folder = given
      throw new Error('no luck')
    })
    await expect(failing).rejects.toThrow('no luck')
    expect(existsSync(folder)).toBe(false)
  })

  it('of a process that was killed goes with the next one for this purpose; others stay', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const folders = {
      dead: `tickstock-sample-${dead}-a`,
      alive: `tickstock-sample-${process.ppid}-a`,
      otherPurpose: `tickstock-other-${dead}-a`,
      foreign: 'tickstock-sample',
    }
    for (const name of Object.values(folders)) mkdirSync(join(temporary, name))
    await inThrowAwayFolder('sample', async () => {})
    const left = Object.entries(folders).filter(([, name]) => existsSync(join(temporary, name)))
    expect(left.map(([which]) => which)).toEqual(['alive', 'otherPurpose', 'foreign'])
  })
})

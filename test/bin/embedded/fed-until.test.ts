import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { readFed } from '../../../bin/embedded/fed-until.ts'
import { FeedProgress } from '../../../feed/progress.ts'

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
  file = join(folder, 'fed-until')
})
beforeEach(() => rmSync(file, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

describe('how far a feed is', () => {
  it('is told by its slowest symbol', () => {
    const progress = new FeedProgress(5)
    expect(progress.until()).toBe(5)
    for (const time of [10, 20, 30]) for (const symbol of ['A', 'B']) progress.take(symbol, time)
    progress.acknowledge('A', 3)
    expect(progress.until()).toBe(10)
    progress.acknowledge('B', 2)
    expect(progress.until()).toBe(30)
    progress.take('A', 40)
    progress.acknowledge('A', 1)
    expect(progress.until()).toBe(30)
    progress.acknowledge('B', 1)
    expect(progress.until()).toBe(40)
  })

  it('is right after many ticks, and in constant memory', () => {
    const progress = new FeedProgress(0)
    for (let time = 0; time < 10_000; time++) {
      progress.take('A', time)
      if (time > 0) progress.acknowledge('A', 1)
      expect(progress.until()).toBe(time)
    }
  })

  it('is unknown where the file holds something else', () => {
    expect(readFed(file)).toBeUndefined()
    writeFileSync(file, 'garbage')
    expect(readFed(file)).toBeUndefined()
  })

  it('is read from what an earlier release noted', () => {
    writeFileSync(file, '1764400000000')
    expect(readFed(file)).toEqual({ until: 1_764_400_000_000, since: 0 })
  })
})

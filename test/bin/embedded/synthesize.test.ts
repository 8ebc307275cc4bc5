import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { prune } from '../../../bin/embedded/synthesize.ts'

const DAY_MS = 86_400_000

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function make(name: string, daysAgo: number): void {
  const used = new Date(Date.now() - daysAgo * DAY_MS)
  mkdirSync(join(folder, name))
  utimesSync(join(folder, name), used, used)
}

it('assemblies that were used within a day stay, however many there are', () => {
  for (let index = 0; index < 20; index++) make(`local-${index}`, index / 100)
  prune(folder)
  expect(readdirSync(folder)).toHaveLength(20)
})

it('of older ones, those that were used last stay', () => {
  for (let index = 0; index < 20; index++) make(`local-${index}`, 2 + index)
  prune(folder)
  const kept = Array.from({ length: 8 }, (_, index) => `local-${index}`)
  expect(readdirSync(folder).toSorted()).toEqual(kept)
})

it('drafts of processes that have ended go', () => {
  make('draft-999999999-abc', 0)
  make(`draft-${process.pid}-abc`, 0)
  prune(folder)
  expect(readdirSync(folder)).toEqual([`draft-${process.pid}-abc`])
})

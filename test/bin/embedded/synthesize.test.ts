import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { prune } from '../../../bin/embedded/synthesize.ts'

const HOUR_MS = 3_600_000

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function make(name: string, hoursAgo: number): void {
  const used = new Date(Date.now() - hoursAgo * HOUR_MS)
  mkdirSync(join(folder, name))
  utimesSync(join(folder, name), used, used)
}

it('assemblies that were used within three hours stay, however many there are', () => {
  for (let index = 0; index < 20; index++) make(`local-${index}`, index / 10)
  prune(folder)
  expect(readdirSync(folder)).toHaveLength(20)
})

it('of older ones, those that were used last stay', () => {
  for (let index = 0; index < 20; index++) make(`local-${index}`, 4 + index)
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
